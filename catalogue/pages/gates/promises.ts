import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { command } from '../../parts/command.ts';
import { factList } from '../../parts/fact-list.ts';
import { onFailureWords } from '../../parts/on-failure.ts';
import { section } from '../../parts/section.ts';
import { table } from '../../parts/table.ts';
import { countText, momentText } from '../../parts/texts.ts';
import { groupedWords } from '../../parts/value-words.ts';
import type { JudgedPromise } from '../../read/judged-promises.ts';
import { fileLink, type AboutRun } from './about-run.ts';
import { expectedWords, observedWords } from './figures-words.ts';
import { pastPart } from './past.ts';

/** Every promise that did not hold, the loudest first, and the way to its rows. */
export function brokenSection(about: AboutRun): Part {
  const { broken } = about.promises;
  const { failed, outcome } = about.run.latest;
  if (failed === 0 && outcome !== 'error') return null;
  return section(outcome === 'error' ? 'Why it could not be checked' : 'What broke', 'broken', [
    broken.length > 0 ? broken.map((one, index) => brokenPromise(about, one, index)) : unknownWords(about),
    rowsWords(about),
  ]);
}

function unknownWords({ run }: AboutRun): Html {
  if (run.latest.outcome === 'error')
    return html`<p>
        ${sentence(run.latest.reason ?? run.incident.told?.notChecked ?? 'why it could not be checked stands in the full result')}
      </p>
      <p>Nobody has looked at the rows: nothing is known against them, and nothing passes either.</p>`;
  return html`<p>
    ${countText(run.latest.failed, 'promise', 'promises')} of ${run.latest.evaluated}. Which ones an earlier
    version did not write down.
  </p>`;
}

/** A reason as it was written down, made a sentence. */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

/** A suite of a hundred promises may break in all of them: the loudest have a line and a strip, and the page stays light. */
const [LINES, STRIPS] = [8, 20];

function brokenPromise(about: AboutRun, one: JudgedPromise, index: number): Html {
  const { words, asked, inSuite, severity } = one;
  return html`<article class="promise ${asked?.outcome === 'errored' ? 'errored' : severity}">
    <h3>${promiseName(about, one)}</h3>
    ${inSuite?.why ? html`<p class="why">${inSuite.why}</p>` : null}
    ${factList([
      ['observed', html`<strong>${observedWords(one)}</strong>`],
      ['expected', asked === null ? words : expectedWords(one)],
      ['severity', severity],
      ['if it breaks', ifBreaks(one)],
    ])}
    ${pastPart(about, one, { withLine: index < LINES, withStrip: index < STRIPS })}
  </article>`;
}

function promiseName({ run, to }: AboutRun, { words, inSuite }: JudgedPromise): Part {
  const said = groupedWords(words);
  return inSuite === null
    ? said
    : html`<a href="${to('suites', run.latest.suite, `p${inSuite.place}`)}">${said}</a>`;
}

function ifBreaks({ onFailure, inSuite }: JudgedPromise): string {
  if (onFailure === null) return 'what the suite said then';
  return onFailureWords({ onFailure, quarantineShare: inSuite?.quarantineShare ?? null });
}

/** Full results, and the rows they name, are kept for so long. */
const KEPT_DAYS = 30;

function rowsWords({ site, run }: AboutRun): Part {
  const { failed, verdictId, at } = run.latest;
  if (failed === 0) return null;
  const expiresAt = new Date(at.getTime() + KEPT_DAYS * 86_400_000);
  if (expiresAt < site.at)
    return html`<p>
      Which rows they were was kept for ${KEPT_DAYS} days, until ${momentText(expiresAt, site.at)}.
    </p>`;
  return html`<h3>Which rows</h3>
    ${command(`npm run weir -- gate rows ${verdictId}`)}
    <p>
      For administrators, and whoever was granted <code>weir_result_reader</code>:
      ${fileLink(site, 'docs/results.md', 'who may read results')}. No page shows a row. Kept until
      ${momentText(expiresAt, site.at)}.
    </p>`;
}

/** What held, folded: at night nobody asks. */
export function keptSection(about: AboutRun): Part {
  const { kept } = about.promises;
  if (kept.length === 0) return null;
  const all = countText(kept.length, 'promise', 'promises');
  return section(
    'What held',
    'held',
    html`<details>
      <summary>${all} held</summary>
      ${table({
        caption: 'Promises that held',
        head: ['promise', 'observed', 'expected', 'severity'],
        rows: kept.map((one) => [
          promiseName(about, one),
          observedWords(one),
          expectedWords(one),
          one.severity,
        ]),
        none: '',
        narrow: [2, 3],
      })}
    </details>`,
  );
}
