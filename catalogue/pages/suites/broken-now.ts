import { html } from '../../html.ts';
import type { Part } from '../../html.ts';
import { notice } from '../../parts/notice.ts';
import { momentText } from '../../parts/texts.ts';
import type { AboutSuite } from './about-suite.ts';

/** What broke when it was asked last, before anything else: a responder comes for that. */
export function brokenNow({ gates, site, to }: AboutSuite): Part {
  return gates.map(({ asking: { model, gate }, last }) => {
    if (last === null || last.outcome === 'pass') return null;
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
      </p>`,
    );
  });
}
