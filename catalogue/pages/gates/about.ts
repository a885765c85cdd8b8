import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { factList } from '../../parts/fact-list.ts';
import { outcomeMark } from '../../parts/marks.ts';
import { section } from '../../parts/section.ts';
import { table } from '../../parts/table.ts';
import { momentText, numberText } from '../../parts/texts.ts';
import type { GateRun } from '../../read/gate-run.ts';
import { modelLinks } from '../../parts/model-links.ts';
import { runLink } from '../../parts/run-link.ts';
import { neighbourLink, type AboutRun } from './about-run.ts';
import { incidentSection } from './incident.ts';
import { loadSection } from './load.ts';

/** Everything else that is known of a verdict, in the order in which it is asked. */
export function aboutSections(about: AboutRun): Part {
  return [
    decisionsSection(about),
    beforeSection(about),
    incidentSection(about),
    loadSection(about),
    evaluationsSection(about),
  ];
}

/** Who decided what, when and why. */
function decisionsSection({ site, run }: AboutRun): Part {
  const { decisions } = run;
  if (decisions.length === 0) return null;
  return section(
    'Who decided',
    'decisions',
    table({
      caption: 'Decisions about this verdict, the last one first. The names are what people typed.',
      head: ['decision', 'by', 'why', 'when'],
      rows: decisions
        .toReversed()
        .map(({ decision, by, reason, at }) => [decision, by, reason, momentText(at, site.at)]),
      none: '',
    }),
  );
}

/** Where causes are looked for: how it was, what changed, what it keeps waiting. */
function beforeSection(about: AboutRun): Html {
  const { site, run, states, to } = about;
  const { lastGood, previous, next, latest } = run;
  const behind = site.repository.graph.downstream.get(latest.model) ?? [];
  return section('Before and after it', 'before', [
    factList([
      ['gate run before', previous === null ? 'none' : neighbourLink(about, previous)],
      ['gate run after', next === null ? 'none yet' : neighbourLink(about, next)],
      [
        'last good load before it',
        lastGood === null
          ? 'none'
          : html`${momentText(lastGood.publishedAt, site.at)}, ${runLink(site, lastGood, { text: 'its run' })}`,
      ],
    ]),
    html`<h3>${run.fate.name === 'held' ? 'What waits behind it' : 'What is built from it'}</h3>
      <p>${modelLinks(to, states, behind)}</p>`,
    changesPart(about),
  ]);
}

function changesPart({ site, run }: AboutRun): Part {
  const { changes, lastGood, previous, latest } = run;
  const other = previous !== null && previous.suiteHash !== latest.suiteHash;
  const suiteWords = other ? html`<p>Its suite was not what it was at the gate run before.</p>` : null;
  if (changes === null) return suiteWords;
  if (changes.length === 0)
    return [
      suiteWords,
      html`<p>
        Neither SQL, suite, columns nor sources changed in the last 7 days, as far as the books know.
      </p>`,
    ];
  return [
    suiteWords,
    html`<h3>What changed lately</h3>
      <ul>
        ${changes.map(
          ({ what, at }) =>
            html`<li>
              ${what}:
              ${momentText(at, site.at)}${lastGood !== null && at > lastGood.publishedAt ? ', after the last good load' : null}
            </li>`,
        )}
      </ul>`,
  ];
}

/** Where a gate is looked at again for half a day the last ones are shown, and the first. */
const MOST_EVALUATIONS = 30;

/** Every time that the gate came to this verdict. */
function evaluationsSection({ site, run }: AboutRun): Part {
  const { evaluations } = run;
  const newest = evaluations.map((one, index) => ({ one, why: whyAsked(run, index) })).toReversed();
  const left = newest.length - MOST_EVALUATIONS;
  const shown = left > 1 ? [...newest.slice(0, MOST_EVALUATIONS - 1), ...newest.slice(-1)] : newest;
  return section('Each time it was asked', 'evaluations', [
    table({
      caption:
        'Evaluations under this verdict, the last one first: one that ends the same way keeps its verdict',
      head: ['when', 'outcome', 'broken', 'rows', 'asked because'],
      rows: shown.map(({ one, why }) => [
        momentText(one.at, site.at),
        outcomeMark(one.outcome),
        one.outcome === 'error' ? 'not checked' : `${one.failed} of ${one.evaluated}`,
        one.rows === null ? 'not counted' : numberText(one.rows),
        why,
      ]),
      none: '',
    }),
    left > 1 ? html`<p>${numberText(left)} between the first and the others are left out.</p>` : null,
  ]);
}

/** What had changed, or whose word it was. */
function whyAsked({ evaluations, decisions }: GateRun, index: number): string {
  const [one, before] = [evaluations[index], evaluations[index - 1]];
  if (one?.lookedBecause) return one.lookedBecause;
  if (one === undefined || before === undefined) return 'the run came to it';
  const asked = decisions.find(({ at }) => at >= before.at && at <= one.at);
  return asked === undefined ? 'the run asked again' : `${asked.decision} by ${asked.by}`;
}
