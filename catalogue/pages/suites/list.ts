import { html } from '../../html.ts';
import type { Part } from '../../html.ts';
import { outcomeMark } from '../../parts/marks.ts';
import { table } from '../../parts/table.ts';
import { countText, momentText, numberText } from '../../parts/texts.ts';
import { readModelSummaries } from '../../read/model-summaries.ts';
import type { LastVerdict } from '../../read/model-summaries.ts';
import { gatesBySuite } from '../../read/suite-gates.ts';
import type { AskingGate } from '../../read/suite-gates.ts';
import { promiseWords } from '../../read/suite-promises.ts';
import { readWorstPromises, WORST_DAYS } from '../../read/worst-promises.ts';
import type { WorstPromise } from '../../read/worst-promises.ts';
import type { Suite } from '../../../expectations/suite.ts';
import type { Outcome } from '../../../expectations/verdict.ts';
import type { Page, Site, To } from '../../site.ts';
import { groupedWords } from '../../parts/value-words.ts';

interface Row {
  readonly name: string;
  readonly suite: Suite;
  readonly gates: readonly AskingGate[];
  readonly last: LastVerdict | null;
  readonly worst: WorstPromise | null;
}

/** The worst first: what a responder looks for stands at the top. */
const order: readonly (Outcome | null)[] = ['error', 'fail', 'warn', 'pass', null];

/** Every suite: who asks it, how it ended last, what it breaks on. */
export async function listPage(site: Site, to: To): Promise<Page> {
  const { suites } = site.repository;
  const asking = gatesBySuite(site.repository);
  const models = [...new Set([...asking.values()].flat().map(({ model }) => model.name))];
  const [{ verdicts }, worst] = await Promise.all([
    readModelSummaries(site, models),
    readWorstPromises(site),
  ]);
  const rows = [...suites].map(([name, suite]): Row => {
    const gates = asking.get(name) ?? [];
    return { name, suite, gates, last: worstVerdict(gates, verdicts), worst: worst.get(name) ?? null };
  });
  const sorted = rows.toSorted(
    (a, b) =>
      rank(a) - rank(b) || (b.worst?.broken ?? 0) - (a.worst?.broken ?? 0) || a.name.localeCompare(b.name),
  );
  const promises = rows.reduce((sum, { suite }) => sum + suite.expectations.length, 0);
  const bad = rows.filter(({ last }) => last !== null && last.outcome !== 'pass').length;
  return {
    title: 'Suites',
    lead: html`${countText(rows.length, 'suite', 'suites')} with
    ${countText(promises, 'promise', 'promises')};
    ${bad === 0 ? 'every one passed when it was asked last.' : `${bad} did not pass when asked last.`}`,
    body: table({
      caption: `What must hold, and what held. Breaks are of the last ${WORST_DAYS} days.`,
      head: ['suite', 'last verdict', 'asked by', 'breaks most', 'promises', 'owner'],
      rows: sorted.map((row) => cells(row, site, to)),
      none: 'There are no suites yet: weir profile drafts one from a table.',
      narrow: [2, 4, 5],
    }),
  };
}

function rank({ last }: Row): number {
  return order.indexOf(last?.outcome ?? null);
}

/** Of several gates the one that ended worst. */
function worstVerdict(
  gates: readonly AskingGate[],
  verdicts: ReadonlyMap<string, readonly LastVerdict[]>,
): LastVerdict | null {
  const last = gates.flatMap(({ model, gate }) =>
    (verdicts.get(model.name) ?? []).filter((one) => one.gate === gate),
  );
  return last.toSorted((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome))[0] ?? null;
}

function cells({ name, suite, gates, last, worst }: Row, site: Site, to: To): readonly Part[] {
  return [
    html`<a href="${to('suites', name)}">${name}</a>`,
    last === null
      ? html`<span class="none">not asked yet</span>`
      : html`<a class="verdict" href="${to('gates', last.verdictId)}">${outcomeMark(last.outcome)}</a>
          <span class="none">${momentText(last.at, site.at)}</span>`,
    gates.length === 0
      ? html`<span class="none">no gate</span>`
      : gates.map(
          ({ model, gate }, index) =>
            html`${index === 0 ? null : ', '}<a href="${to('suites', name, `${model.name}-${gate}`)}"
                >${model.name} ${gate}</a
              >`,
        ),
    worst === null ? html`<span class="none">nothing</span>` : worstWords(worst, suite, name, to),
    numberText(suite.expectations.length),
    suite.weir.owner ?? html`<span class="none">nobody</span>`,
  ];
}

function worstWords(
  { place, type, column, broken, evaluations }: WorstPromise,
  suite: Suite,
  name: string,
  to: To,
): Part {
  const promise = promiseWords(suite).find(
    (one) => one.place === place && one.type === type && one.column === column,
  );
  const words =
    promise === undefined
      ? [column, type].filter((one) => one !== null).join(' ')
      : groupedWords(promise.words);
  return html`<a href="${to('suites', name, promise === undefined ? undefined : `p${place}`)}">${words}</a>
    <span class="none">broken ${numberText(broken)} of ${countText(evaluations, 'time', 'times')}</span>`;
}
