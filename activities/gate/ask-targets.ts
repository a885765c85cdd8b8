import type { AskableEntry, Batch } from '../../expectations/compile.ts';
import type { Answer, EvaluationError } from '../../expectations/judge.ts';
import type { Json } from '../../expectations/json.ts';
import { chunksOf, compileTargets, measuresOf, MOST_BINDS } from '../../expectations/measuring.ts';
import type { Answered, Target } from '../../expectations/measuring.ts';
import type { Asker, Asking } from './asker.ts';
import { findCulprits } from './find-culprits.ts';
import type { Failure } from './find-culprits.ts';

/** What became of targets: a value, or an error of their own. */
export interface TargetAnswers {
  readonly rows: number | null;
  readonly values: ReadonlyMap<Target, Json>;
  readonly errors: ReadonlyMap<Target, EvaluationError>;
}

/**
 * Asks targets in as few statements as Postgres takes. Where one fails, those to blame are found: first among what the
 * planner refuses, which costs no scan, then among what fails when it runs.
 */
export async function askTargets(
  asker: Asker,
  targets: readonly Target[],
  batch: Batch,
): Promise<TargetAnswers> {
  const values = new Map<Target, Json>();
  const errors = new Map<Target, EvaluationError>();
  let rows: number | null = null;
  const ask = async (some: readonly Target[]): Promise<Asking<Answered>> => {
    const asked = await asker.ask(compileTargets(some, batch));
    if ('answer' in asked) {
      for (const [target, value] of asked.answer.values) values.set(target, value);
      rows ??= asked.answer.rows;
    }
    return asked;
  };
  const blame = async (some: readonly Target[], failure: Failure): Promise<void> => {
    for (const [target, error] of await findCulprits(asker, some, failure, ask)) errors.set(target, error);
  };
  for (const chunk of chunksOf(targets.filter((target) => !isTooLarge(target)))) {
    const asked = await ask(chunk);
    if (!('error' in asked)) continue;
    const unplanned = asked.late
      ? new Map<Target, EvaluationError>()
      : await findUnplanned(asker, chunk, batch);
    for (const [target, error] of unplanned) errors.set(target, error);
    const rest = chunk.filter((target) => !unplanned.has(target));
    const again = unplanned.size > 0 && rest.length > 0 ? await ask(rest) : asked;
    if ('error' in again) await blame(rest, again);
  }
  for (const target of targets.filter(isTooLarge)) errors.set(target, TOO_LARGE);
  return { rows, values, errors };
}

async function findUnplanned(
  asker: Asker,
  targets: readonly Target[],
  batch: Batch,
): Promise<ReadonlyMap<Target, EvaluationError>> {
  const plan = (some: readonly Target[]): Promise<Asking<null>> =>
    asker.plan(compileTargets(some, batch).sql);
  const planned = await plan(targets);
  return 'error' in planned ? findCulprits(asker, targets, planned, plan) : new Map();
}

/** The driver would send the count of its values cut to 16 bits. */
function isTooLarge({ binds }: Target): boolean {
  return binds > MOST_BINDS;
}

const TOO_LARGE: EvaluationError = {
  reason: `it binds more than ${MOST_BINDS} values`,
  message: `It binds more than ${MOST_BINDS} values, which is more than a statement of Postgres takes. Write them as one value_set.`,
};

/**
 * The numbers of each entry by its place in the suite; an error where one of its targets has one. An entry of which a
 * number is missing has none at all: what was not counted would be read as 0, and pass.
 */
export function answersOf(
  entries: readonly AskableEntry[],
  { values, errors }: Omit<TargetAnswers, 'rows'>,
): ReadonlyMap<number, Answer> {
  const measured = measuresOf(values);
  const answers = new Map<number, Answer>(
    entries.flatMap(({ expectation: { index }, measures }): [number, Answer][] => {
      const own = measured.get(index) ?? {};
      return Object.keys(measures).every((name) => Object.hasOwn(own, name))
        ? [[index, { measured: own }]]
        : [];
    }),
  );
  for (const [{ asked }, error] of errors) for (const { index } of asked) answers.set(index, { error });
  return answers;
}
