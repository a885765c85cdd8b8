import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { factList } from '../../parts/fact-list.ts';
import { section } from '../../parts/section.ts';
import { clockText, momentText, numberText } from '../../parts/texts.ts';
import type { GateLoad } from '../../read/gate-load.ts';
import { runLink } from '../../parts/run-link.ts';
import { fileLink, modelName, type AboutRun } from './about-run.ts';

type Fact = readonly [string, Part];

const GATES = {
  input: 'input: rows as they landed',
  output: 'output: rows as they would be published',
} as const;

/** What the gate was asked about, and by whom. */
export function loadSection(about: AboutRun): Html {
  const { site, run } = about;
  const { load, latest } = run;
  const details = runLink(site, latest, { text: 'its details', place: 'details' });
  const history = runLink(site, latest, { text: 'its history' });
  return section('The load', 'load', [
    factList([
      ['model', modelName(about, latest.model)],
      ['gate', GATES[latest.gate]],
      ['suite', suiteLink(about)],
      ['as of', clockText(latest.asOf, site.at)],
      ['rows checked', count(latest.rows)],
      ...(load === null ? [] : loadFacts(load, site.at)),
      ['run', site.links.temporalUi === null ? details : html`${details}, ${history}`],
    ]),
    html`<p>${fileLink(site, `expectations/suites/${latest.suite}.json`, 'The suite as a file')}</p>`,
  ]);
}

function suiteLink({ site, run, to }: AboutRun): Part {
  const { suite, model, gate } = run.latest;
  if (!site.repository.suites.has(suite)) return suite;
  return html`<a href="${to('suites', suite, `${model}-${gate}`)}">${suite}</a>`;
}

function loadFacts(load: GateLoad, now: Date): readonly Fact[] {
  const { setAside, publishedAt, inserted, updated, deleted } = load;
  return [
    ['window', load.window],
    ['pipeline', load.pipeline],
    ['load', `${load.loadId}, ${load.state}`],
    ['opened', momentText(load.openedAt, now)],
    ['rows read', count(load.read)],
    ['rows staged', count(load.staged)],
    ...fact(setAside > 0, ['rows set aside', numberText(setAside)]),
    ...fact(publishedAt !== null, [
      'inserted, updated, deleted',
      [inserted, updated, deleted].map(count).join(', '),
    ]),
  ];
}

function fact(isKnown: boolean, one: Fact): readonly Fact[] {
  return isKnown ? [one] : [];
}

function count(rows: number | null): string {
  return rows === null ? 'not counted' : numberText(rows);
}
