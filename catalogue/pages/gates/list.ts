import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { outcomeMark } from '../../parts/marks.ts';
import { notice } from '../../parts/notice.ts';
import { section } from '../../parts/section.ts';
import { table } from '../../parts/table.ts';
import { countText, momentText, numberText } from '../../parts/texts.ts';
import type { Fate } from '../../read/gate-fate.ts';
import {
  MOST_LISTED,
  readLatestOfGates,
  readNotPassed,
  type ListedGate,
  type ListedRun,
} from '../../read/gate-run-list.ts';
import type { Page, Site, To } from '../../site.ts';
import { modelName } from './about-run.ts';
import { fateWord } from './fate-words.ts';

/** The list: what waits for a person, what was no pass lately, and the last word of every gate. */
export async function listPage(site: Site, to: To): Promise<Page> {
  const [{ heldBack, wentOn }, gates] = await Promise.all([readNotPassed(site), readLatestOfGates(site)]);
  const held = heldNow(heldBack, gates);
  return {
    title: 'Gate runs',
    lead: leadOf(held.length, gates),
    body: html`${[
      heldSection(site, to, held),
      section(
        'Lately held back',
        'held-back',
        runsTable({ site, to }, heldBack, {
          caption: 'Gate runs that did not let their batch through, the newest first',
          none: 'No gate has held anything back so far.',
        }),
      ),
      section(
        'Lately warned',
        'warned',
        runsTable({ site, to }, wentOn, {
          caption: 'Gate runs in which something broke and the batch went on, the newest first',
          none: 'No gate has warned so far.',
        }),
      ),
      gatesSection(site, to, gates),
    ]}`,
  };
}

/** A hold may be older than all that is listed. */
function heldNow(runs: readonly ListedRun[], gates: readonly ListedGate[]): readonly ListedRun[] {
  const latest = gates.flatMap(({ run }) => run ?? []);
  const all = new Map([...runs, ...latest].map((run) => [run.latest.verdictId, run]));
  return [...all.values()].filter(({ fate }) => fate.name === 'held');
}

function leadOf(held: number, gates: readonly ListedGate[]): Html {
  const asked = gates.filter(({ run }) => run !== null);
  const passed = asked.filter(({ run }) => run?.latest.outcome === 'pass').length;
  const now = held === 0 ? 'No gate holds now' : `${countText(held, 'gate holds', 'gates hold')} now`;
  return html`${now}. At their last run ${passed} of ${countText(asked.length, 'gate', 'gates')} passed.`;
}

function heldSection(site: Site, to: To, held: readonly ListedRun[]): Part {
  if (held.length === 0) return null;
  return section(
    'Held now',
    'held',
    held.map(({ latest, fate }) =>
      notice(
        'bad',
        html`<p>
          <a href="${to('gates', latest.verdictId)}">${latest.model}: ${latest.gate} gate</a>
          held since ${momentText(fate.since, site.at)}:
          ${latest.outcome === 'error' ? 'could not be checked' : `${latest.failed} of ${latest.evaluated} promises broken`}
        </p>`,
      ),
    ),
  );
}

function runsTable(
  { site, to }: { readonly site: Site; readonly to: To },
  runs: readonly ListedRun[],
  { caption, none }: { readonly caption: string; readonly none: string },
): Part {
  return [
    table({
      caption,
      head: ['gate', 'outcome', 'when', 'broken', 'rows'],
      rows: runs.map(({ latest, fate }) => [
        html`<a href="${to('gates', latest.verdictId)}">${latest.model} ${latest.gate}</a>`,
        html`${outcomeMark(latest.outcome)} <span class="fate">${fateCell(latest, fate)}</span>`,
        momentText(latest.at, site.at),
        latest.outcome === 'error' ? 'not checked' : `${latest.failed} of ${latest.evaluated}`,
        rowsText(latest.rows),
      ]),
      none,
      narrow: [3, 4],
    }),
    runs.length < MOST_LISTED
      ? null
      : html`<p>Earlier ones: <code>select * from control.gate_run where outcome &lt;&gt; 'pass'</code>.</p>`,
  ];
}

function rowsText(rows: number | null): string {
  return rows === null ? 'not counted' : numberText(rows);
}

function fateCell(latest: ListedRun['latest'], fate: Fate): Part {
  const word = fateWord({ latest, fate });
  return fate.decision === null ? word : `${word} by ${fate.decision.by}`;
}

function keptCell(run: ListedRun | null): string {
  if (run === null) return '';
  const { outcome, evaluated, failed } = run.latest;
  return outcome === 'error' ? 'not checked' : `${evaluated - failed} of ${evaluated} kept`;
}

function gatesSection(site: Site, to: To, gates: readonly ListedGate[]): Html {
  return section(
    'Every gate',
    'gates',
    table({
      caption: 'Every gate and its last run',
      head: ['gate', 'outcome', 'last run', 'suite', 'promises', 'rows'],
      rows: gates.map(({ model, gate, suite, run }) => [
        html`${modelName({ site, to }, model)} ${gate}`,
        run === null ? 'never asked' : outcomeMark(run.latest.outcome),
        run === null
          ? ''
          : html`<a href="${to('gates', run.latest.verdictId)}">${momentText(run.latest.at, site.at)}</a>`,
        html`<a href="${to('suites', suite, `${model}-${gate}`)}">${suite}</a>`,
        keptCell(run),
        run === null ? '' : rowsText(run.latest.rows),
      ]),
      none: 'No model has a gate.',
      narrow: [3, 4, 5],
    }),
  );
}
