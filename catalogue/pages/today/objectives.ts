import { budgetBar } from '../../charts/budget.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { section } from '../../parts/section.ts';
import { stateMark } from '../../parts/marks.ts';
import { table } from '../../parts/table.ts';
import { countText, momentText, shareText, spanText } from '../../parts/texts.ts';
import type { Objective } from '../../read/objectives.ts';
import type { Site, To } from '../../site.ts';

/** What is shown at once; the others are well, or a click away. */
const WORST = 4;

/** Objectives and what is left of them, the worst first. */
export function objectivesSection(site: Site, to: To, objectives: readonly Objective[]): Html {
  const shown = Math.max(WORST, objectives.filter(isMissed).length);
  const rest = objectives.slice(shown);
  return section(
    'Objectives',
    'objectives',
    html`<p class="how">${summaryOf(objectives)}</p>
      ${tableOf(site, to, objectives.slice(0, shown), 'The last 30 days, the worst first')}
      ${
        rest.length === 0
          ? null
          : html`<details>
              <summary>
                ${countText(rest.length, 'more objective', 'more objectives')}, all within budget
              </summary>
              ${tableOf(site, to, rest, 'The other objectives, the last 30 days')}
            </details>`
      }`,
  );
}

/** Burning, or overspent: of what may go wrong in a month too much did already. */
function isMissed({ budgetLeft, burning }: Objective): boolean {
  return burning || budgetLeft === null || budgetLeft < 0;
}

function summaryOf(objectives: readonly Objective[]): string {
  const missed = objectives.filter(isMissed).length;
  if (objectives.length === 0) return 'None is measured yet: the freshness monitor looks every minute.';
  if (missed === 0)
    return `All ${countText(objectives.length, 'objective is', 'objectives are')} within budget.`;
  return `${missed} of ${countText(objectives.length, 'objective', 'objectives')} burning or overspent.`;
}

function tableOf(site: Site, to: To, objectives: readonly Objective[], caption: string): Html {
  return table({
    caption,
    head: ['Objective', 'Promised', 'Met', 'Budget of what may go wrong', 'Now'],
    rows: objectives.map((one) => rowOf(site, to, one)),
    none: 'None.',
    narrow: [1, 4],
  });
}

function rowOf(site: Site, to: To, one: Objective): readonly Part[] {
  const { kind, subject, target, objectiveSeconds, met, budgetLeft, unmeasuredSeconds, burning, since } = one;
  const known = site.repository.graph.byName.has(subject);
  return [
    known ? html`<a href="${to('models', subject)}">${subject}</a>` : subject,
    kind === 'freshness'
      ? `at most ${spanText(objectiveSeconds)} old, ${shareText(target)} of the time`
      : `intervals within ${spanText(objectiveSeconds)}, ${shareText(target)} of them`,
    html`${met === null ? 'not measured yet' : html`<span class="whole">${shareText(met)}</span>`}
    ${unmeasuredSeconds === 0 ? null : html`<span class="how">${spanText(unmeasuredSeconds)} not measured</span>`}`,
    budgetBar(budgetLeft),
    burning
      ? html`${stateMark('late')}
          <span class="how">burns${since === null ? null : html` since ${momentText(since, site.at)}`}</span>`
      : isMissed(one)
        ? 'overspent'
        : 'within budget',
  ];
}
