import { rowKinds, rowsChart } from '../../charts/loads.ts';
import { html } from '../../html.ts';
import type { Html } from '../../html.ts';
import { figure } from '../../parts/figure.ts';
import { clockText, spanText } from '../../parts/texts.ts';
import type { LoadHistory } from '../../read/load-history.ts';

/** What the kinds of rows are called where they are not called as of a model. */
export type RowWords = Readonly<Record<string, string>>;

/**
 * Rows over time with their legend; null where there were none.
 *
 * @param table the same numbers.
 */
export function rowsFigure(
  history: LoadHistory,
  now: Date,
  { table, words = {} }: { readonly table: Html; readonly words?: RowWords },
): Html | null {
  const [first] = history.buckets;
  const kinds = rowKinds(history);
  if (first === undefined || kinds.length === 0) return null;
  const note = html`by ${spanText(history.widthSeconds)}, since ${clockText(first.from, now)}
  ${kinds.map(
    (kind) =>
      html`<span class="key"
        ><svg width="10" height="10" aria-hidden="true">
          <rect width="10" height="10" fill="${kind.colour}" />
        </svg>
        ${words[kind.words] ?? kind.words}</span
      > `,
  )}`;
  return figure({ title: 'Rows', drawing: rowsChart(history), note, table });
}
