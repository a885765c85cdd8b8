import type { FailedExpectation, Verdict } from '../../expectations/verdict.ts';
import type { Json } from '../notifiers/notifier.ts';
import type { GateFacts, GoodLoad } from './facts.ts';
import type { GateHeldPage } from './page-input.ts';

/** Promises named in the summary; all of them stand in the details. */
const NAMED_PROMISES = 5;

/** How many promises broke in what batch, and the loudest of them: counts and words that may leave. */
export function brokenPromises({ failed: all, evaluated, rows }: Verdict): string {
  const failed = loudestFirst(all);
  const named = failed.slice(0, NAMED_PROMISES).map(({ expected, observed }) => `${expected}: ${observed}`);
  const more = failed.length - named.length;
  const list = `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
  const batch = rows === null ? '' : ` in a batch of ${rowsText(rows)}`;
  return `${failed.length} of ${evaluated} promises broken${batch}. ${list}`;
}

/** By which names the gate, its verdict and its run are found again. */
export function whichGate({ verdict, run }: Pick<GateHeldPage, 'verdict' | 'run'>) {
  return {
    model: verdict.model,
    gate: verdict.gate,
    suite: verdict.suite,
    verdict_id: verdict.verdictId,
    load_id: verdict.loadId,
    run: `${run.workflowId} / ${run.runId}`,
  };
}

/** The command that shows the rows to those who may read results: they never leave the database. */
export function whichRows({ failed, verdictId }: Verdict): { readonly which_rows?: string } {
  return failed.length === 0 ? {} : { which_rows: `npm run weir -- gate rows ${verdictId}` };
}

/** A broken promise in words and counts. */
export function describe(failed: FailedExpectation): Readonly<Record<string, Json>> {
  const { unexpectedCount, elementCount } = failed;
  const counted = unexpectedCount !== null && elementCount !== null;
  const share = counted && elementCount > 0 ? ` (${percent(unexpectedCount / elementCount)})` : '';
  return {
    promise: failed.type,
    column: failed.column,
    expected: failed.expected,
    observed: failed.errored ? `could not be checked: ${failed.observed}` : failed.observed,
    rows: counted ? `${number(unexpectedCount)} of ${number(elementCount)}${share}` : null,
    severity: failed.severity,
    on_failure: failed.onFailure,
    where: `/expectations/${failed.index}`,
  };
}

/** The loudest first, else in the suite's order. */
export function loudestFirst(failed: readonly FailedExpectation[]): readonly FailedExpectation[] {
  const order = ['critical', 'warning', 'info'];
  return failed.toSorted(
    (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || a.index - b.index,
  );
}

/** The last load that went well, in one line. */
export function describeLoad(load: GoodLoad | null): string {
  if (load === null) return 'none yet';
  return `${load.model} as of ${load.asOf.toISOString()}, published ${load.publishedAt.toISOString()} (load ${load.loadId})`;
}

/** The data interval in words. */
export function describeInterval({ load }: GateFacts): string {
  if (!load?.intervalStart || !load.intervalEnd) return 'what arrived since the last published load';
  return `[${load.intervalStart.toISOString()}, ${load.intervalEnd.toISOString()})`;
}

/** `1 row`, `12,345 rows`. */
export function rowsText(rows: number | null): string {
  return rows === null ? 'uncounted rows' : `${number(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function percent(share: number): string {
  return `${(share * 100).toLocaleString('en-US', { maximumSignificantDigits: 2 })} %`;
}
