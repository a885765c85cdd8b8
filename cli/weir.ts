#!/usr/bin/env node
import { defineCommand, renderUsage, runCommand } from 'citty';
import { exitCodes, Failure } from './exit-codes.ts';

const weir = defineCommand({
  meta: {
    name: 'weir',
    description:
      'Moves rows from source to fact table, and holds a batch that breaks a promise. Exit codes: 0 done, 1 a gate failed, 2 warned, 3 could not run.',
  },
  subCommands: {
    run: async () => (await import('./run.ts')).default,
    gate: async () => (await import('./gate.ts')).default,
    schedules: async () => (await import('./schedules.ts')).default,
    migrate: async () => (await import('./migrate.ts')).default,
  },
});

const VERBS = ['run', 'gate', 'schedules', 'migrate'];

async function main(rawArgs: string[]): Promise<number> {
  const [verb] = rawArgs;
  if (verb === undefined || !VERBS.includes(verb)) {
    process.stdout.write(`${await renderUsage(weir)}\n`);
    return verb === undefined || verb === '--help' || verb === 'help'
      ? exitCodes.done
      : exitCodes.couldNotRun;
  }
  if (rawArgs.includes('--help')) {
    const command = await loadVerb(verb);
    process.stdout.write(`${await renderUsage(command, weir)}\n`);
    return exitCodes.done;
  }
  const { result } = await runCommand(weir, { rawArgs });
  return typeof result === 'number' ? result : exitCodes.done;
}

async function loadVerb(verb: string) {
  const commands = await weir.subCommands;
  const load =
    commands && typeof commands === 'object' && verb in commands ? Reflect.get(commands, verb) : null;
  return typeof load === 'function' ? await load() : weir;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`weir: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof Failure ? error.code : exitCodes.couldNotRun);
  },
);
