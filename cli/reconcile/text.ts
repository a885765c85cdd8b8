import type { Reconciled, ReconciledDay } from '../../activities/reconcile.ts';

const columns = ['day', 'source', 'bronze', 'missing', 'extra', 'different'] as const;

/** What reconciling found, for people: every day that differs, and nothing of those that do not but their number. */
export function reconciledText(done: Reconciled): string {
  const { source, by, days, filesGone, left } = done;
  const differing = days.filter((day) => day.missing + day.extra + day.different > 0);
  const sum = (key: 'source' | 'bronze'): string =>
    days.reduce((all, day) => all + day[key], 0).toLocaleString('en-US');
  const total = `${sum('source')} rows at the source, ${sum('bronze')} in bronze, ${days.length} ${days.length === 1 ? 'day' : 'days'} by ${by}`;
  const notes = [
    ...(filesGone > 0 ? [`${filesGone} files are not there any more: their rows were not compared.`] : []),
    ...left.map(({ file, reason }) => `${file} was not read: ${reason}.`),
  ];
  const said =
    differing.length === 0
      ? `${source} is equal: ${total}.`
      : `${source} differs on ${differing.length} of its days: ${total}.`;
  return [said, ...table(differing), ...notes, ''].join('\n');
}

function table(days: readonly ReconciledDay[]): readonly string[] {
  if (days.length === 0) return [];
  const rows = [
    columns.map(String),
    ...days.map((day) => columns.map((name) => String(day[name] ?? 'none'))),
  ];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  '),
  );
}
