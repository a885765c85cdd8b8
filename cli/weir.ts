#!/usr/bin/env node
import { defineCommand, renderUsage, runCommand, type SubCommandsDef } from 'citty';
import { endProcess } from '../infra/local/end-process.mjs';
import { didYouMean } from '../expectations/suggestion.ts';
import { checkWords, helpOf } from './check-words.ts';
import { inColour } from './colours.ts';
import { findVerb, resolved } from './command-tree.ts';
import { exitCodes, Failure } from './exit-codes.ts';
import { unreached } from './unreached.ts';
import { usageText } from './usage-text.ts';

/** One file a verb. */
const all: SubCommandsDef = {
  status: async () => (await import('./status.ts')).default,
  slo: async () => (await import('./slo.ts')).default,
  plan: async () => (await import('./plan.ts')).default,
  run: async () => (await import('./run.ts')).default,
  backfill: async () => (await import('./backfill.ts')).default,
  runs: async () => (await import('./runs.ts')).default,
  docs: async () => (await import('./docs.ts')).default,
  logs: async () => (await import('./logs.ts')).default,
  gate: async () => (await import('./gate.ts')).default,
  page: async () => (await import('./page.ts')).default,
  quarantine: async () => (await import('./quarantine.ts')).default,
  replay: async () => (await import('./replay.ts')).default,
  watermark: async () => (await import('./watermark.ts')).default,
  profile: async () => (await import('./profile.ts')).default,
  test: async () => (await import('./test.ts')).default,
  validate: async () => (await import('./validate.ts')).default,
  reconcile: async () => (await import('./reconcile.ts')).default,
  reset: async () => (await import('./reset.ts')).default,
  schedules: async () => (await import('./schedules.ts')).default,
  lineage: async () => (await import('./lineage.ts')).default,
  housekeeping: async () => (await import('./housekeeping.ts')).default,
  codec: async () => (await import('./codec.ts')).default,
  doctor: async () => (await import('./doctor.ts')).default,
  new: async () => (await import('./new.ts')).default,
  migrate: async () => (await import('./migrate.ts')).default,
  completion: async () => (await import('./completion.ts')).completionOf(weir),
};

/** The tree of all verbs. */
export const weir = defineCommand({
  meta: {
    name: 'weir',
    description:
      'Moves rows from source to fact table, and holds a batch that breaks a promise. Example: weir status Exit codes: 0 done, 1 a gate failed, 2 warned, 3 could not run.',
  },
  subCommands: all,
});

/**
 * Runs a command line.
 *
 * @returns what the process exits with.
 * @throws Failure with what to tell whoever typed it.
 */
export async function main(rawArgs: readonly string[]): Promise<number> {
  const called = await findVerb(rawArgs, weir);
  const { command, parent, name, words, verbs } = called;
  const [word] = words;
  const asks = rawArgs.some((one) => one === '--help' || one === '-h') || word === 'help';
  const isGroup = verbs.length > 0 && command.run === undefined;
  if (asks || (word === undefined && isGroup)) {
    const above = parent === null ? undefined : defineCommand({ meta: { name: parent } });
    process.stdout.write(usageText(await renderUsage(command, above), inColour));
    return exitCodes.done;
  }
  if (verbs.length > 0 && (isGroup || word?.startsWith('-') === false))
    throw new Failure(
      [`${name} has no \`${word}\`.`, didYouMean(word ?? '', verbs), helpOf(name)].filter(Boolean).join(' '),
    );
  checkWords(name, (await resolved(command.args)) ?? {}, words);
  // The verb by itself: citty would take a flag's value for the name of a verb below it.
  await runCommand({ ...command, subCommands: {} }, { rawArgs: [...words] });
  return Number(process.exitCode ?? exitCodes.done);
}

/** Whoever reads has enough, as in `weir runs | head -1`: that is no error. */
function stopWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  endProcess(exitCodes.done, 0);
}

if (import.meta.main) {
  process.stdout.on('error', stopWhenNobodyReads);
  main(process.argv.slice(2)).then(endProcess, (error: unknown) => {
    const told = error instanceof Failure ? error : (unreached(error) ?? error);
    process.stderr.write(`weir: ${told instanceof Error ? told.message : String(told)}\n`);
    endProcess(told instanceof Failure ? told.code : exitCodes.couldNotRun);
  });
}
