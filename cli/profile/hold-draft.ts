import type { DatabaseTransaction } from '../../activities/databases.ts';
import { evaluateSuite } from '../../activities/gate/evaluate.ts';
import type { Batch } from '../../expectations/compile.ts';
import type { ExpectationType } from '../../expectations/define-expectation.ts';
import type { JsonObject } from '../../expectations/json.ts';
import { promiseWords } from '../../expectations/judge.ts';
import type { JudgedEntry } from '../../expectations/judge.ts';
import { expectationTypes } from '../../expectations/registry.gen.ts';
import { readResultFormat } from '../../expectations/result-format.ts';
import { parseSuite } from '../../expectations/suite.ts';
import { share } from './draft-column.ts';
import type { Drafted } from './drafted.ts';

/** A suite that holds for the batch it was drafted from. */
export interface Held {
  readonly suite: JsonObject;
  readonly promises: number;
  /** What the figures suggested and the rows do not bear out, with why. */
  readonly leftOut: readonly string[];
}

/** A pattern that fewer rows follow is none. */
const LEAST_SHARE = 0.95;
const types: ReadonlyMap<string, ExpectationType> = new Map(Object.entries(expectationTypes));

/**
 * Asks the drafted suite of the batch, all of it in one scan, and keeps what holds. A pattern that nearly every row
 * follows is kept for that share.
 *
 * @param about the suite's name and notes.
 */
export async function holdDraft(
  trx: DatabaseTransaction,
  batch: Batch,
  asOf: string,
  drafted: readonly Drafted[],
  about: JsonObject,
): Promise<Held> {
  const sound = drafted.filter(
    ({ type, kwargs }) => (types.get(type)?.problems(plain(kwargs)) ?? [1]).length === 0,
  );
  const suite = parseSuite('draft', suiteText(about, sound));
  const run = { values: {}, asOf, format: readResultFormat('BOOLEAN_ONLY') };
  const { judged } = await evaluateSuite(trx, suite, batch, run);
  const leftOut: string[] = [];
  const kept = sound.flatMap((one, place) => {
    const result = judged[place];
    if (result === undefined) return [];
    if (result.success) return [one];
    const most = mostlyTrue(one, result);
    if (most !== null) return [most];
    leftOut.push(
      `${promiseWords(result.entry)}: ${result.error?.message ?? result.judgement?.observed ?? ''}`,
    );
    return [];
  });
  return { suite: suiteOf(about, kept), promises: kept.length, leftOut };
}

/** A parameter is no argument yet. */
function plain(kwargs: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(kwargs).filter(
      ([, value]) => !(typeof value === 'object' && value !== null && '$PARAMETER' in value),
    ),
  );
}

function mostlyTrue(drafted: Drafted, { judgement }: JudgedEntry): Drafted | null {
  if (drafted.type !== 'expect_column_values_to_match_regex' || judgement === null) return null;
  const { unexpectedCount, elementCount } = judgement;
  if (unexpectedCount === null || elementCount === null || elementCount === 0) return null;
  const mostly = Math.floor(((elementCount - unexpectedCount) / elementCount) * 1000) / 1000;
  if (mostly < LEAST_SHARE) return null;
  return {
    ...drafted,
    kwargs: { ...drafted.kwargs, mostly },
    fact: `${share(unexpectedCount, elementCount, 'values')} differ`,
  };
}

function suiteText(about: JsonObject, drafted: readonly Drafted[]): string {
  return JSON.stringify(suiteOf(about, drafted));
}

function suiteOf(about: JsonObject, drafted: readonly Drafted[]): JsonObject {
  return {
    ...about,
    expectations: drafted.map(({ type, kwargs, critical, fact }) => ({
      type,
      kwargs,
      severity: critical ? 'critical' : 'warning',
      notes: fact,
    })),
  };
}
