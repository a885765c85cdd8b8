import { isPublished } from '../../../models/model.ts';
import { freshnessChart } from '../../charts/freshness.ts';
import type { Stretch } from '../../charts/freshness.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { figure } from '../../parts/figure.ts';
import { notice } from '../../parts/notice.ts';
import { section } from '../../parts/section.ts';
import { table } from '../../parts/table.ts';
import { clockText, countText, shareText, spanText } from '../../parts/texts.ts';
import { readFreshnessHistory } from '../../read/freshness-history.ts';
import type { AgeBucket, ObjectiveStanding } from '../../read/freshness-history.ts';
import type { AboutModel } from './about-model.ts';

const DAY_MS = 86_400_000;

/** How old a model was against its objective, and what is left of what may go wrong; null of what is never loaded. */
export async function freshnessSection(about: AboutModel): Promise<Html | null> {
  const { model, site } = about;
  if (!isPublished(model)) return null;
  if (model.freshness === null)
    return section(
      'Freshness',
      'freshness',
      html`<p class="none">No objective: nobody is told when it grows old.</p>`,
    );
  const { day, dayBucketSeconds, month, objective } = await readFreshnessHistory(site, model.name);
  const { at } = site;
  const ago = (ms: number): Date => new Date(at.getTime() - ms);
  // Of what is measured for less than a day, a chart of thirty would be empty.
  const isYoung = objective !== null && objective.since > ago(DAY_MS);
  const dayTitle = isYoung ? `Since ${clockText(objective.since, at)}` : 'Last 24 hours';
  const dayFrom = isYoung ? objective.since : ago(DAY_MS);
  return section('Freshness', 'freshness', [
    objective === null
      ? html`<p class="none">Nobody has measured it yet: the freshness monitor looks every minute.</p>`
      : budget(objective, at),
    day.length + month.length === 0
      ? null
      : html`<div class="pair">
          ${ageFigure(dayTitle, day, { from: dayFrom, to: at, bucketSeconds: dayBucketSeconds }, at)}
          ${isYoung ? null : ageFigure('Last 30 days', month, { from: ago(30 * DAY_MS), to: at, bucketSeconds: 6 * 3600 }, at)}
        </div>`,
  ]);
}

/** What was met in 30 days, and what is left. */
function budget(standing: ObjectiveStanding, at: Date): Part {
  const { target, objectiveSeconds, good, bad, unmeasured, met, budgetLeft, burning, since } = standing;
  const time =
    since.getTime() > at.getTime() - 30 * DAY_MS ? `the time since ${clockText(since, at)}` : '30 days';
  const left =
    budgetLeft === null
      ? 'The target allows nothing, and something went wrong.'
      : budgetLeft < 0
        ? `The budget is overspent by ${shareText(-budgetLeft)}.`
        : `${shareText(budgetLeft)} of the budget is left.`;
  const missed = bad + unmeasured;
  const words = html`<p>
    ${met === null ? null : html`<strong>${shareText(met)}</strong> of ${time} at most ${spanText(objectiveSeconds)} old; promised ${shareText(target)}. `}
    <strong>${left}</strong>
    ${missed === 0 ? null : `${countText(missed, 'minute', 'minutes')} of ${countText(good + missed, 'minute', 'minutes')} missed it${unmeasured === 0 ? '' : `, ${countText(unmeasured, 'minute', 'minutes')} of them because nobody measured`}.`}
  </p>`;
  const spent = budgetLeft !== null && budgetLeft >= 0;
  return burning || !spent
    ? notice(spent ? 'warn' : 'bad', [words, burning ? html`<p>It burns now: on-call is told.</p>` : null])
    : words;
}

function ageFigure(title: string, buckets: readonly AgeBucket[], stretch: Stretch, now: Date): Html {
  if (buckets.length === 0)
    return html`<figure class="figure">
      <figcaption>${title}</figcaption>
      <p class="none">Nothing was measured.</p>
    </figure>`;
  const bad = buckets.filter((one) => one.bad > 0);
  return figure({
    title,
    drawing: freshnessChart(buckets, stretch),
    note:
      bad.length === 0
        ? 'line: its age; dashed: the objective'
        : 'line: its age; dashed: the objective; filled: too old',
    table: table({
      caption: `${title}: when it was too old`,
      head: ['From', 'Minutes too old', 'Oldest', 'Objective'],
      rows: bad.map(({ from, bad: minutes, high, objective }) => [
        clockText(from, now),
        minutes,
        spanText(high),
        spanText(objective),
      ]),
      none: `Never too old; oldest ${spanText(Math.max(...buckets.map(({ high }) => high)))}.`,
    }),
  });
}
