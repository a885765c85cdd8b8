/** What a run does again when it is reset: the beginnings of their summaries are the names of its steps. */
const STEPS = ['plan', 'preview', 'extract', 'open', 'gate', 'stage', 'publish'];

/**
 * The name of the step that a summary tells of: `gate stg_transactions · input` of `gate stg_transactions · input ·
 * suite transactions · 9 rows`. What stands behind it differs from one run to the next.
 *
 * @returns null where a summary is of no step: a page, a hold or a wait.
 */
export function stepName(summary: string): string | null {
  const [verb = ''] = summary.split(' ', 1);
  if (!STEPS.includes(verb)) return null;
  const parts = summary.split(' · ');
  const [name = ''] = parts;
  if (verb === 'gate') return parts.slice(0, 2).join(' · ');
  return verb === 'plan' ? (name.split(' as of ')[0] ?? name) : name.replace(/ again$/, '');
}
