import { isPublished } from '../../../models/model.ts';
import type { GateHeader } from '../../../models/model.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { outcomeMark } from '../../parts/marks.ts';
import { section } from '../../parts/section.ts';
import { countText, dayText, keptWords, momentText, numberText } from '../../parts/texts.ts';
import { GATE_DAYS, readGateDays } from '../../read/gate-days.ts';
import type { GateDay } from '../../read/gate-days.ts';
import type { LastVerdict } from '../../read/model-summaries.ts';
import { verdictLinks } from '../../verdict-links.ts';
import type { AboutModel } from './about-model.ts';
import { gateStrip } from './gate-strip.ts';
import { linked } from './verdict-marks.ts';

type LinkOf = ReturnType<typeof verdictLinks>;

interface GatePast {
  readonly gate: 'input' | 'output';
  readonly header: GateHeader;
  readonly days: readonly GateDay[];
  readonly last: LastVerdict | undefined;
}

/** What a model's gates said last, and by day; null of what has none by its kind. */
export async function gatesSection(
  about: AboutModel,
  verdicts: readonly LastVerdict[],
): Promise<Html | null> {
  const { model, site } = about;
  if (model.kind === 'source') return null;
  const gates = isPublished(model)
    ? (['input', 'output'] as const).flatMap((gate) => {
        const header = model.gates[gate];
        return header === null ? [] : [{ gate, header }];
      })
    : [];
  if (gates.length === 0)
    return section('Gates', 'gates', html`<p>None: ${model.gateReason ?? 'nothing is loaded here'}</p>`);
  const pasts = await Promise.all(
    gates.map(async ({ gate, header }): Promise<GatePast> => ({
      gate,
      header,
      days: await readGateDays(site, model.name, gate),
      last: verdicts.find((one) => one.gate === gate),
    })),
  );
  return section(
    'Gates',
    'gates',
    html`<div class="gates">${pasts.map((past) => gateCard(about, past))}</div>`,
  );
}

const asks = {
  input: 'asked of the window as it landed',
  output: 'asked of the candidate, before any reader sees it',
} as const;

function gateCard({ to, model, site }: AboutModel, { gate, header, days, last }: GatePast): Html {
  const { suite } = header;
  const linkOf = verdictLinks(site, to);
  return html`<article class="gate-card" id="gate-${gate}">
    <h3>${gate}: <a href="${to('suites', suite, `${model.name}-${gate}`)}">${suite}</a></h3>
    <p class="none">${asks[gate]}</p>
    <p>
      ${last === undefined ? html`<span class="none">not asked yet</span>` : lastWords(last, site.at, linkOf)}
    </p>
    ${gateStrip(days, site.at, `${gate} gate by day`)}
    <p class="strip-ends"><span>${GATE_DAYS} days ago</span><span>today</span></p>
    ${badDays(days, linkOf)}
  </article>`;
}

function lastWords(
  { verdictId, outcome, failed, evaluated, rows, at }: LastVerdict,
  now: Date,
  linkOf: LinkOf,
): Html {
  return html`${linked(linkOf(verdictId), outcomeMark(outcome))}
  ${outcome === 'error' && evaluated === 0 ? 'could not be checked' : keptWords(failed, evaluated)}${rows === null ? null : html`, ${countText(rows, 'row', 'rows')}`},
  ${momentText(at, now)}`;
}

/** The last days that were not all good, each with the verdict that made it so. */
function badDays(days: readonly GateDay[], linkOf: LinkOf): Part {
  const bad = days
    .filter(({ worst }) => worst !== 'pass')
    .toReversed()
    .slice(0, 5);
  if (bad.length === 0) return null;
  return html`<ul class="ends">
    ${bad.map(({ day, worst, blocked, verdictId }) => {
      const held =
        blocked === 0 ? null : `, held back ${blocked === 1 ? 'once' : `${numberText(blocked)} times`}`;
      const address = linkOf(verdictId);
      const shown = dayText(new Date(day));
      const when = address === null ? shown : html`<a href="${address}">${shown}</a>`;
      return html`<li>${when} ${outcomeMark(worst)}${held}</li>`;
    })}
  </ul>`;
}
