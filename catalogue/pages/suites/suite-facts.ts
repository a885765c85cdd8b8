import { redactText } from '../../../expectations/redact.ts';
import type { ParameterSource } from '../../../models/model.ts';
import { fileAddress } from '../../file-address.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { command } from '../../parts/command.ts';
import { factList } from '../../parts/fact-list.ts';
import { section } from '../../parts/section.ts';
import { countText } from '../../parts/texts.ts';
import { notesText } from '../../read/suite-promises.ts';
import type { Site } from '../../site.ts';
import type { AboutSuite } from './about-suite.ts';

/** Whose it is, what to do when it breaks, who asks it. */
export function suiteFacts(about: AboutSuite): Html {
  const { suite, gates, to, site } = about;
  const notes = notesText(suite.notes);
  return html`${notes === null ? null : html`<p>${notes}</p>`}
  ${factList([
    ['owner', suite.weir.owner ?? html`<span class="none">nobody is named</span>`],
    ['runbook', fileLink(site, suite.weir.runbook)],
    [
      'asked by',
      gates.length === 0
        ? html`<span class="none">no gate</span>`
        : html`<span class="asked-by"
            >${gates.map(
              ({ asking: { model, gate } }) =>
                html`<a href="#${model.name}-${gate}">${model.name} ${gate}</a> `,
            )}</span
          >`,
    ],
    ['file', fileLink(site, suite.file)],
    [
      'graph',
      gates.map(({ asking: { model } }) => html`<a href="${to('graph', model.name)}">${model.name}</a> `),
    ],
  ])}`;
}

function fileLink({ links }: Site, path: string | null): Part {
  if (path === null) return html`<span class="none">none</span>`;
  // Where a long path may be broken.
  const shown = path.split('/').map((part, index) => html`${index === 0 ? null : html`/<wbr />`}${part}`);
  const address = fileAddress(links, path);
  return address === null ? html`<code>${shown}</code>` : html`<a href="${address}">${shown}</a>`;
}

/** How a promise is added, changed and tried, and the suite as it is. */
export function howToChange(about: AboutSuite): Html {
  const { suite } = about;
  return section(
    'How to change it',
    'change',
    html`<ol>
        <li>
          Edit <code>${suite.file}</code>: a Great Expectations 1.x suite. One promise is one entry of
          <code>expectations</code>.
        </li>
        <li>Try it on a table; nobody is told, nothing is stored. ${tryIt(about)}</li>
        <li>
          Commit it. The next look of a gate reads it; a held one looks by itself within a minute, and at once
          with <code>retryGate</code>.
        </li>
      </ol>
      <details>
        <summary>The suite as it is, ${countText(suite.expectations.length, 'promise', 'promises')}</summary>
        ${command(redactText(suite.text.trim()))}
      </details>`,
  );
}

/** The command that asks the suite what its first gate asks: of the table that this gate reads, with what its header gives. */
function tryIt({ name, gates, site }: AboutSuite): Part {
  const [gate] = gates;
  if (gate === undefined) return command(`npm run weir -- validate ${name} --table schema.table`);
  const { model, header } = gate.asking;
  const isInput = gate.asking.gate === 'input' && model.shape.kind === 'map';
  const read = isInput ? site.repository.graph.byName.get(model.shape.delta) : undefined;
  const given = Object.entries(header.parameters).map(
    ([parameter, source]) => ` --parameter ${parameter}=${isQuery(source) ? 'VALUES' : shellWord(source)}`,
  );
  const queries = Object.values(header.parameters).filter(isQuery);
  return [
    command(`npm run weir -- validate ${name} --table ${(read ?? model).relation}${given.join('')}`),
    queries.map(
      ({ query }) =>
        html`<p>In the place of <code>VALUES</code>, as JSON, what this gives: <code>${query}</code></p>`,
    ),
  ];
}

function isQuery(source: ParameterSource): source is { readonly query: string } {
  return typeof source === 'object' && source !== null && 'query' in source;
}

/** A value as `weir validate` reads it: JSON, in quotes where a shell would take it apart. */
function shellWord(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w.:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
