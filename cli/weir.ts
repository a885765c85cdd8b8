#!/usr/bin/env node
import { defineCommand, renderUsage, runCommand } from 'citty';
import { exitCodes, Failure } from './exit-codes.ts';

/** One file a verb. */
const verbs = {
  run: async () => (await import('./run.ts')).default,
  gate: async () => (await import('./gate.ts')).default,
  schedules: async () => (await import('./schedules.ts')).default,
  migrate: async () => (await import('./migrate.ts')).default,
};

const weir = defineCommand({
  meta: {
    name: 'weir',
    description:
      'Moves rows from source to fact table, and holds a batch that breaks a promise. Exit codes: 0 done, 1 a gate failed, 2 warned, 3 could not run.',
  },
  subCommands: verbs,
});

function isVerb(word: string | undefined): word is keyof typeof verbs {
  return word !== undefined && Object.hasOwn(verbs, word);
}

async function main(rawArgs: string[]): Promise<number> {
  const [verb] = rawArgs;
  if (!isVerb(verb)) {
    process.stdout.write(`${await renderUsage(weir)}\n`);
    const asked = verb === undefined || verb === '--help' || verb === 'help';
    return asked ? exitCodes.done : exitCodes.couldNotRun;
  }
  if (rawArgs.includes('--help')) {
    process.stdout.write(`${await renderUsage(await verbs[verb](), weir)}\n`);
    return exitCodes.done;
  }
  await runCommand(weir, { rawArgs });
  return Number(process.exitCode ?? exitCodes.done);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`weir: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof Failure ? error.code : exitCodes.couldNotRun);
  },
);
