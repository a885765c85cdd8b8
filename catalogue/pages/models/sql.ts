import { modelFileText } from '../../../activities/repository.ts';
import { isPublished, isSource } from '../../../models/model.ts';
import type { Model } from '../../../models/model.ts';
import { fileAddress } from '../../file-address.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { section } from '../../parts/section.ts';
import type { AboutModel } from './about-model.ts';
import { headerText } from './secrets.ts';
import { sqlText } from './sql-words.ts';

/** A model's file: its SELECT, what it recomputes, and its header folded. */
export function sqlSection({ model, site }: AboutModel): Html {
  const address = fileAddress(site.links, model.file);
  const file =
    address === null ? html`<code>${model.file}</code>` : html`<a href="${address}">${model.file}</a>`;
  return section(isSource(model) ? 'File' : 'SQL', 'sql', [
    html`<p>${file}</p>`,
    headerOf(model),
    touchedOf(model),
    isSource(model) ? null : sqlText(model.sql),
  ]);
}

function headerOf(model: Model): Part {
  const header = /^\s*\/\*([\s\S]*?)\*\//.exec(modelFileText(model) ?? '')?.[1];
  if (header === undefined) return null;
  return html`<details>
    <summary>Its header</summary>
    <pre class="sql" tabindex="0"><code>${headerText(header.trim())}</code></pre>
  </details>`;
}

function touchedOf(model: Model): Part {
  if (!isPublished(model) || model.shape.kind !== 'touched') return null;
  return model.shape.queries.map(
    ({ delta, sql }) =>
      html`<p class="sql-title">Keys that new rows of ${delta} touch</p>
        ${sqlText(sql.trim())}`,
  );
}
