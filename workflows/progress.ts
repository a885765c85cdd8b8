import { orderedQuarantine, type Verdict } from '../expectations/verdict.ts';
import type { PlannedModel } from '../models/plan.ts';

/** Where a model stands in its run. */
export type ModelState =
  | 'waiting'
  | 'loading'
  | 'checking'
  | 'held'
  | 'published'
  | 'empty'
  | 'left'
  | 'abandoned'
  | 'failed';

/** One line of a run's table. */
export interface ModelProgress {
  readonly model: PlannedModel;
  state: ModelState;
  /** What happened last, in words and counts. */
  note: string;
  /** A held gate, for the part of the details that tells what to press. */
  held: HeldProgress | null;
}

/** What a person needs to see of a held gate. */
export interface HeldProgress {
  readonly verdict: Verdict;
  readonly heldSince: number;
  readonly heldUntil: number;
  readonly resetEventId: number;
  /** Why nothing was set aside unasked although all that blocks says so; null where that is not the case. */
  readonly refused: string | null;
}

/** What a run shows of itself: everything `renderDetails` needs, kept up to date by the walk. */
export interface Progress {
  readonly pipeline: string;
  readonly asOf: string;
  readonly sources: Map<string, string>;
  readonly models: Map<string, ModelProgress>;
}

/** The state of a run as search attribute `WeirGateState`: the loudest of its models'. */
export function gateState(progress: Progress): 'running' | 'held' | 'failed' | 'left' | 'passed' {
  const states = [...progress.models.values()].map(({ state }) => state);
  if (states.includes('held')) return 'held';
  if (states.includes('failed') || states.includes('abandoned')) return 'failed';
  if (states.some((state) => state === 'waiting' || state === 'loading' || state === 'checking'))
    return 'running';
  return states.includes('left') ? 'left' : 'passed';
}

/** The suites whose gates hold this run now. */
export function failedSuites(progress: Progress): string[] {
  return [...progress.models.values()].flatMap(({ held }) => (held ? [held.verdict.suite] : []));
}

/**
 * A run's current details, as Markdown for the Temporal UI: the table of its models, then for each held gate what
 * broke, what it means and the JSON to paste. Counts only, never row values.
 */
export function renderDetails(progress: Progress): string {
  const heading = `**${gateState(progress).toUpperCase()}** · ${progress.pipeline} load as of ${progress.asOf}`;
  const sources = [...progress.sources].map(([name, note]) => `| ${name} | extract | ${note} |`);
  const models = [...progress.models.values()].map(
    ({ model, state, note }) => `| ${model.name} | ${state === 'held' ? '**HELD**' : state} | ${note} |`,
  );
  const holds = [...progress.models.values()].flatMap(({ model, held }) =>
    held ? renderHold(model, held) : [],
  );
  return [heading, '', '| | state | |', '| --- | --- | --- |', ...sources, ...models, ...holds].join('\n');
}

function renderHold(
  model: PlannedModel,
  { verdict, heldSince, heldUntil, resetEventId, refused }: HeldProgress,
): string[] {
  const waits =
    model.downstream.length > 0 ? `, and so do ${model.downstream.join(', ')}, which need it` : '';
  return [
    '',
    `## ${model.name} is held by its ${verdict.gate} gate (suite ${verdict.suite})`,
    `Since ${isoMinute(heldSince)}, until ${isoMinute(heldUntil)}; then the run fails. Nothing of this batch` +
      ` (${rowsText(verdict.rows)}) is visible to readers. ${model.name} waits${waits}; the rest went on.`,
    '',
    ...(verdict.reason === null ? [] : [`The gate could not be checked: ${verdict.reason}`, '']),
    ...(refused === null ? [] : [`Not set aside unasked: ${refused}.`, '']),
    '| promise | expected | found | severity |',
    '| --- | --- | --- | --- |',
    ...verdict.failed.map(
      (failed) => `| ${failed.type} | ${failed.expected} | ${failed.observed} | ${failed.severity} |`,
    ),
    '',
    ...(verdict.failed.length === 0
      ? []
      : [
          `Which rows: \`npm run weir -- gate rows ${verdict.verdictId}\`, for those who may read results.`,
          '',
        ]),
    ...whatToPress(verdict, resetEventId),
  ];
}

/** The updates, each with the JSON to paste; quarantine only where it is possible. */
function whatToPress(verdict: Verdict, resetEventId: number): string[] {
  const quarantine = orderedQuarantine(verdict);
  const json = (reason: string) => JSON.stringify({ verdictId: verdict.verdictId, reason, by: 'YOUR NAME' });
  return [
    'To decide, press **More actions → Send an Update**, choose one, paste its JSON:',
    '',
    '| update | when | JSON |',
    '| --- | --- | --- |',
    `| reloadAndRetry | the source was mended and delivered again | \`${json('source delivered again')}\` |`,
    `| retryGate | a parameter was mended, the rows are right | \`${json('parameter corrected')}\` |`,
    `| overrideGate | the rows may be published as they are | \`${json('WHY THESE ROWS MAY PASS')}\` |`,
    ...(typeof quarantine === 'string'
      ? []
      : [
          `| quarantineAndContinue | the rest is right without the rows that break a promise | \`${json('WHY THE REST MAY PASS')}\` |`,
        ]),
    `| abandon | give this batch up; the next run meets the rows again | \`${json('WHY')}\` |`,
    '',
    ...(typeof quarantine === 'string' ? [`quarantineAndContinue is not possible: ${quarantine}.`, ''] : []),
    `Or from a shell: \`npm run weir -- gate reload ${verdict.verdictId} --reason "…"\`; or retry, override,` +
      `${typeof quarantine === 'string' ? '' : ' quarantine,'} abandon. To run only the gate again,` +
      ` reset this run to event ${resetEventId}.`,
  ];
}

/** `1 row`, `12,345 rows`; an unknown count says so. */
export function rowsText(rows: number | null): string {
  if (rows === null) return 'rows not counted';
  return `${countText(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}

/** `12,345`. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 %`, `0.25 %`. @param share 0 to 1 */
export function percentText(share: number): string {
  return `${(share * 100).toLocaleString('en-US', { maximumSignificantDigits: 3 })} %`;
}

/** Epoch milliseconds as `2017-01-02T08:00Z`. */
export function isoMinute(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16)}Z`;
}
