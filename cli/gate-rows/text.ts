import { colours } from '../colours.ts';
import { grouped } from '../../expectations/measured.ts';
import { plain } from '../plain.ts';
import type { BrokenPromise, StoredRows } from './stored-rows.ts';

/** A verdict's failing rows for a terminal, and below them the SQL that lists all of them, at the margin to be copied. */
export function rowsText(stored: StoredRows): string {
  const { model, gate, suite, verdictId, evaluatedAt, expiresAt, broken, reason } = stored;
  return [
    colours.bold(`${model} · ${gate} gate, suite ${suite} · ${stored.outcome}`),
    `verdict ${verdictId}, evaluated at ${evaluatedAt} by ${stored.workflowId}`,
    `${readWords(stored)}; kept until ${expiresAt}`,
    '',
    ...(reason === null ? [] : [`could not be checked: ${plain(reason)}`, '']),
    ...(broken.length === 0 && reason === null ? ['every promise held', ''] : []),
    ...broken.flatMap(promiseLines),
    ...listing(stored),
  ].join('\n');
}

function readWords({ relation, rowsChecked, asOf }: StoredRows): string {
  if (relation === null) return `nothing was read, as of ${asOf}`;
  const rows =
    rowsChecked === null ? '' : `${grouped(rowsChecked)} ${rowsChecked === 1 ? 'row' : 'rows'} of `;
  return `${rows}${relation} as of ${asOf}`;
}

function promiseLines(one: BrokenPromise): readonly string[] {
  const { promise, observed, severity, type, index, rows, unexpectedCount } = one;
  const more = (unexpectedCount ?? rows.length) - rows.length;
  return [
    `${colours.red(plain(promise))}: ${plain(observed)}`,
    colours.dim(`${severity}, ${type}, /expectations/${index}`),
    ...rows.map((row) => `  ${plain(JSON.stringify(row))}`),
    ...(more > 0 ? [`  and ${grouped(more)} more`] : []),
    '',
  ];
}

function listing({ sql, gone, relation }: StoredRows): readonly string[] {
  if (sql === null) return [];
  if (gone)
    return [
      `${relation ?? ''} is gone since its load was published, staged again or given up: what was kept stands above.`,
      '',
    ];
  return [colours.dim('-- all of them, in psql:'), sql, ''];
}
