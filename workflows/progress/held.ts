import { orderedQuarantine, type Verdict } from '../../expectations/verdict.ts';
import type { HeldProgress, ModelProgress } from '../progress.ts';
import { cell, countText, isoMinute, rowsText } from './text.ts';

/** More broken promises than this are counted: `weir gate rows` has them all. */
const PROMISES = 12;
/** The page of a held gate; a model may name its own. */
const RUNBOOK = 'docs/runbooks/gate-held.md';

/** What of a held gate broke, what it means and the JSON to paste, as lines of Markdown. Counts only, never row values. */
export function renderHold({ model, held }: ModelProgress): string[] {
  if (held === null) return [];
  const { verdict, heldSince, heldUntil, resetEventId, refused } = held;
  const waits =
    model.downstream.length > 0 ? `, and so do ${some(model.downstream).join(', ')}, which need it` : '';
  return [
    '',
    `## ${model.name} is held by its ${verdict.gate} gate (suite ${verdict.suite})`,
    `Since ${isoMinute(heldSince)}, until ${isoMinute(heldUntil)}; then the run fails. Nothing of this batch` +
      ` (${rowsText(verdict.rows)}) is visible to readers. ${model.name} waits${waits}; the rest went on.`,
    '',
    ...(verdict.reason === null ? [] : [`The gate could not be checked: ${verdict.reason}`, '']),
    ...(refused === null ? [] : [`Not set aside unasked: ${refused}.`, '']),
    lookText(held),
    '',
    ...promises(verdict),
    ...whatToPress(verdict, resetEventId, model.runbook ?? RUNBOOK),
  ];
}

/** What the run does by itself meanwhile. */
function lookText({ looked }: Pick<HeldProgress, 'looked'>): string {
  const always = 'Checked again by itself when its source or a parameter changes';
  if (!looked) return `${always}.`;
  const why = looked.because === null ? '' : `, because ${looked.because}`;
  return `${always}: ${looked.times === 1 ? 'once' : `${countText(looked.times)} times`} so far${why}.`;
}

function some(names: readonly string[]): readonly string[] {
  const more = names.length - PROMISES;
  return more > 0 ? [...names.slice(0, PROMISES), `${countText(more)} more`] : names;
}

function promises({ failed, verdictId }: Verdict): string[] {
  const more = failed.length - PROMISES;
  return [
    '| promise | expected | found | severity |',
    '| --- | --- | --- | --- |',
    ...failed
      .slice(0, PROMISES)
      .map(
        ({ type, expected, observed, severity }) =>
          `| ${type} | ${cell(expected)} | ${cell(observed)} | ${severity} |`,
      ),
    ...(more > 0 ? [`| ${countText(more)} more | | | |`] : []),
    '',
    ...(failed.length === 0
      ? []
      : [`Which rows: \`npm run weir -- gate rows ${verdictId}\`, for those who may read results.`, '']),
  ];
}

/** The updates, each with the JSON to paste; quarantine only where it is possible. */
function whatToPress(verdict: Verdict, resetEventId: number, runbook: string): string[] {
  const quarantine = orderedQuarantine(verdict);
  const json = (reason: string) => JSON.stringify({ verdictId: verdict.verdictId, reason, by: 'YOUR NAME' });
  return [
    'To decide, press **More Actions → Send an Update**, choose one, paste its JSON:',
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
    '',
    `Runbook: \`${runbook}\`.`,
  ];
}
