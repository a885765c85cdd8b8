import { html } from '../html.ts';
import type { Html, Part } from '../html.ts';

/** From how many rows on a reader gets a field to filter by, where scripts run. */
const LONG = 12;

/** A table: its first column names the row. */
export interface TableOptions {
  /** What the table is, for who cannot see it, and above it for everybody. */
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Part[])[];
  /** What stands there instead of a table without rows. */
  readonly none: string;
  /** Columns, from 0, that a phone leaves out. */
  readonly narrow?: readonly number[];
}

/** A real table. Where it is wider than the screen it scrolls by itself, by keyboard too, and the page does not. */
export function table({ caption, head, rows, none, narrow = [] }: TableOptions): Html {
  if (rows.length === 0) return html`<p class="none">${none}</p>`;
  return html`<div
    class="${rows.length < LONG ? 'table' : 'table long'}"
    role="group"
    aria-label="${caption}"
    tabindex="0"
  >
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((name, column) => headOf(name, narrow.includes(column)))}
        </tr>
      </thead>
      <tbody>
        ${rows.map(([name, ...cells]) => rowOf(name ?? null, cells, narrow))}
      </tbody>
    </table>
  </div>`;
}

function headOf(name: string, isWide: boolean): Html {
  return isWide ? html`<th scope="col" class="wide">${name}</th>` : html`<th scope="col">${name}</th>`;
}

function rowOf(name: Part, cells: readonly Part[], narrow: readonly number[]): Html {
  return html`<tr>
    <th scope="row">${name}</th>
    ${cells.map((cell, index) => cellOf(cell, narrow.includes(index + 1)))}
  </tr>`;
}

function cellOf(cell: Part, isWide: boolean): Html {
  return isWide ? html`<td class="wide">${cell}</td>` : html`<td>${cell}</td>`;
}
