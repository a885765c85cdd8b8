import { html } from '../../html.ts';
import type { Part } from '../../html.ts';
import { notice } from '../../parts/notice.ts';
import { momentText } from '../../parts/texts.ts';
import { promiseWords } from '../../read/suite-promises.ts';
import type { AboutSuite, GatePast } from './about-suite.ts';
import { promiseAnchor } from './promise-anchor.ts';
import { groupedWords } from '../../parts/value-words.ts';

/** What broke when it was asked last, before anything else: a responder comes for that. */
export function brokenNow(about: AboutSuite): Part {
  const { gates, site, to } = about;
  return gates.map((past, index) => {
    const { last, asking } = past;
    if (last === null || last.outcome === 'pass') return null;
    const { model, gate } = asking;
    const what =
      last.outcome === 'error'
        ? 'could not be checked'
        : `broke ${last.failed} of ${last.evaluated} promises`;
    return notice(
      last.outcome === 'warn' ? 'warn' : 'bad',
      html`<p>
          The ${gate} gate of <a href="${to('models', model.name)}">${model.name}</a> ${what},
          ${momentText(last.at, site.at)}.
          <a href="${to('gates', last.verdictId)}">Gate run: what broke, and what to press</a>
        </p>
        ${brokenPromises(about, past, index)}`,
    );
  });
}

function brokenPromises({ suite }: AboutSuite, { histories, asking, last }: GatePast, index: number): Part {
  const broken = histories.filter(
    ({ latest }) => latest?.verdictId === last?.verdictId && latest?.outcome === 'broken',
  );
  const words = promiseWords(suite).filter(({ place, type, column }) =>
    broken.some((one) => one.place === place && one.type === type && one.column === column),
  );
  if (words.length === 0) return null;
  return html`<ul>
    ${words.map(
      (one) =>
        html`<li><a href="#${promiseAnchor(asking, index, one.place)}">${groupedWords(one.words)}</a></li>`,
    )}
  </ul>`;
}
