#!/usr/bin/env node
import { defineCommand, renderUsage, runCommand, type Resolvable, type SubCommandsDef } from 'citty';
import { exitCodes, Failure } from './exit-codes.ts';

/** One file a verb. */
const verbs: SubCommandsDef = {
  run: async () => (await import('./run.ts')).default,
  gate: async () => (await import('./gate.ts')).default,
  profile: async () => (await import('./profile.ts')).default,
  validate: async () => (await import('./validate.ts')).default,
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

type Command = SubCommandsDef[string] extends Resolvable<infer One> ? One : never;

/** The verb that a command line names, however deep: `gate reload`. */
async function findVerb(
  words: readonly string[],
  command: Command,
  parent: Command,
): Promise<[Command, Command]> {
  const [word, ...rest] = words;
  const children = await resolved(command.subCommands);
  const child = word === undefined ? undefined : await resolved(children?.[word]);
  return child ? await findVerb(rest, child, command) : [command, parent];
}

async function resolved<Value>(value: Resolvable<Value> | undefined): Promise<Value | undefined> {
  return await (isLazy(value) ? value() : value);
}

function isLazy<Value>(
  value: Resolvable<Value> | undefined,
): value is (() => Value) | (() => Promise<Value>) {
  return typeof value === 'function';
}

async function main(rawArgs: string[]): Promise<number> {
  const [verb] = rawArgs;
  if (verb === undefined || !Object.hasOwn(verbs, verb)) {
    process.stdout.write(`${await renderUsage(weir)}\n`);
    const asked = verb === undefined || verb === '--help' || verb === 'help';
    return asked ? exitCodes.done : exitCodes.couldNotRun;
  }
  if (rawArgs.includes('--help')) {
    process.stdout.write(`${await renderUsage(...(await findVerb(rawArgs, weir, weir)))}\n`);
    return exitCodes.done;
  }
  await runCommand(weir, { rawArgs });
  return Number(process.exitCode ?? exitCodes.done);
}

/** Exits when everything has been written: into a pipe that takes its time, the end of a long answer would be lost. */
function exitWritten(code: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

main(process.argv.slice(2)).then(exitWritten, (error: unknown) => {
  process.stderr.write(`weir: ${error instanceof Error ? error.message : String(error)}\n`);
  exitWritten(error instanceof Failure ? error.code : exitCodes.couldNotRun);
});
