import type { OnFailure } from '../../expectations/on-failure.ts';
import type { Severity } from '../../expectations/verdict.ts';
import { isPublished } from '../../models/model.ts';
import type { Site } from '../site.ts';
import type { Evaluation } from './gate-fate.ts';
import { readPromisesOf, type AskedPromise, type PromiseMoment } from './promise-history.ts';
import { readPromisePasts } from './promise-pasts.ts';
import { promiseWords, type PromiseWords } from './suite-promises.ts';

/** A promise as one evaluation judged it, and how it did until then. */
export interface JudgedPromise {
  /** What was promised, in plain words. */
  readonly words: string;
  readonly column: string | null;
  readonly severity: Severity;
  /** What was counted; null where that is kept no more, or an earlier version judged. */
  readonly asked: AskedPromise | null;
  /** As the suite's file says now; null where it does not promise this any more. */
  readonly inSuite: PromiseWords | null;
  /** What happens to its rows; null where the suite does not promise it any more. */
  readonly onFailure: OnFailure | null;
  /** Oldest first, this evaluation last. */
  readonly past: readonly PromiseMoment[];
}

/** What an evaluation judged. */
export interface JudgedPromises {
  /** The loudest first, else in the suite's order. */
  readonly broken: readonly JudgedPromise[];
  /** In the suite's order. */
  readonly kept: readonly JudgedPromise[];
}

/** Reads what an evaluation found of each promise: counts, shares and bounds, never a value. */
export async function readJudgedPromises(site: Site, evaluation: Evaluation): Promise<JudgedPromises> {
  const asked = await readPromisesOf(site, evaluation.evaluationId);
  const broken = asked.filter(({ outcome }) => outcome !== 'held').map(({ promiseId }) => promiseId);
  const pasts = await readPromisePasts(site, broken, evaluation.evaluationId);
  return judgePromises(promisedNow(site, evaluation), evaluation.broken, asked, pasts);
}

/** What the file of the gate's suite promises now; nothing where there is no such suite any more. */
function promisedNow(
  { repository }: Pick<Site, 'repository'>,
  { model: name, gate, suite: suiteName }: Pick<Evaluation, 'model' | 'gate' | 'suite'>,
): readonly PromiseWords[] {
  const suite = repository.suites.get(suiteName);
  const model = repository.graph.byName.get(name);
  const header = model !== undefined && isPublished(model) ? model.gates[gate] : null;
  if (suite === undefined) return [];
  return header === null ? promiseWords(suite) : promiseWords(suite, header);
}

/**
 * Puts together what a verdict's words say, what was counted, and what the suite's file says now, which may be something
 * else: words go by column and severity, places only where they are still about the same.
 *
 * @param told what stands in `control.gate_run.broken`.
 */
export function judgePromises(
  promised: readonly PromiseWords[],
  told: readonly string[] | null,
  asked: readonly AskedPromise[],
  pasts: ReadonlyMap<number, readonly PromiseMoment[]>,
): JudgedPromises {
  const left = (told ?? []).map(parseBroken);
  const judge = (one: AskedPromise, words: BrokenWords | null): JudgedPromise => {
    const inSuite = promised.find(isOf(one)) ?? null;
    return {
      words: words?.words ?? (inSuite === null ? bareWords(one) : wholeWords(inSuite)),
      column: one.column,
      severity: one.severity ?? words?.severity ?? inSuite?.severity ?? 'critical',
      asked: one,
      inSuite,
      onFailure: onFailureOf(inSuite, one.outcome === 'errored'),
      past: pasts.get(one.promiseId) ?? [],
    };
  };
  const failed = asked.filter(({ outcome }) => outcome !== 'held');
  // Who has words of its own takes them before another does that only shares its column.
  const exact = new Map(failed.map((one) => [one, takeWords(left, one, wholeWordsAt(promised, one))]));
  const counted = failed.map((one) => judge(one, exact.get(one) ?? takeWords(left, one, null)));
  const uncounted = left.map((words): JudgedPromise => {
    const inSuite = promised.find((one) => wholeWords(one) === words.words) ?? null;
    return { ...words, asked: null, inSuite, onFailure: onFailureOf(inSuite, false), past: [] };
  });
  return {
    broken: [...counted, ...uncounted].toSorted(byLoudness),
    kept: asked.filter(({ outcome }) => outcome === 'held').map((one) => judge(one, null)),
  };
}

/** What stands in `control.gate_run.broken`. */
interface BrokenWords {
  readonly severity: Severity;
  readonly column: string | null;
  readonly words: string;
}

/** `critical store_id: store_id not null` */
function parseBroken(text: string): BrokenWords {
  const [, severity = 'critical', column = '', words = text] =
    /^(critical|warning|info) ([^:]*): (.*)$/s.exec(text) ?? [];
  return {
    severity: severity === 'warning' || severity === 'info' ? severity : 'critical',
    column: column === '' ? null : column,
    words,
  };
}

/**
 * Takes the words of a promise out of what is left.
 *
 * @param exact as the suite says them, whatever column they are told under: that a column is there is told of the table.
 *   Null: those of its column and severity will do.
 */
function takeWords(left: BrokenWords[], one: AskedPromise, exact: string | null): BrokenWords | null {
  const found = left.find(
    ({ severity, column, words }) =>
      severity === one.severity && (exact === null ? column === one.column : words === exact),
  );
  if (found === undefined) return null;
  left.splice(left.indexOf(found), 1);
  return found;
}

/** Its words where the suite still says it at its place; else none that anything would have. */
function wholeWordsAt(promised: readonly PromiseWords[], one: AskedPromise): string {
  const inSuite = promised.find(isOf(one));
  return inSuite === undefined ? '' : wholeWords(inSuite);
}

function wholeWords({ words, condition }: PromiseWords): string {
  return condition === null ? words : `${words}, where ${condition}`;
}

function bareWords({ column, type }: AskedPromise): string {
  return [column, type].filter((word) => word !== null).join(' ');
}

function isOf({ place, type, column }: AskedPromise): (one: PromiseWords) => boolean {
  return (one) => one.place === place && one.type === type && one.column === column;
}

/** What could not be evaluated shows no rows to set aside. */
function onFailureOf(inSuite: PromiseWords | null, isErrored: boolean): OnFailure | null {
  if (inSuite === null) return null;
  return isErrored && inSuite.onFailure === 'quarantine' ? 'hold' : inSuite.onFailure;
}

const LOUDNESS: readonly Severity[] = ['critical', 'warning', 'info'];

function byLoudness(one: JudgedPromise, other: JudgedPromise): number {
  return LOUDNESS.indexOf(one.severity) - LOUDNESS.indexOf(other.severity) || placeOf(one) - placeOf(other);
}

function placeOf({ asked, inSuite }: JudgedPromise): number {
  return asked?.place ?? inSuite?.place ?? Number.MAX_SAFE_INTEGER;
}
