import type { ModelProgress } from '../progress.ts';

/** What a model does now and then, or waits for; what it came to where it has ended. */
export function nowAndNext({ model, state, note }: ModelProgress): string {
  if (state === 'waiting') return waitsFor([...model.sources, ...model.upstream]);
  if (state === 'held') return `${note}; a decision`;
  const goesOn = state === 'loading' || state === 'checking';
  return goesOn ? [note, ...upcoming(model, note)].join(' → ') : note;
}

function waitsFor(needs: readonly string[]): string {
  const few = needs.length > 4 ? [...needs.slice(0, 3), `${needs.length - 3} more`] : needs;
  return few.length === 0 ? 'its turn' : `after ${few.join(', ')}`;
}

/** The stations that are left, by what the note tells of the present one. */
function upcoming({ gates }: ModelProgress['model'], note: string): readonly string[] {
  const output = gates.output === null ? [] : ['output gate'];
  const afterOpen = gates.input === null ? ['stage'] : ['input gate', 'stage'];
  if (note.startsWith('opening')) return [...afterOpen, ...output, 'publish'];
  if (note.startsWith('input')) return ['stage', ...output, 'publish'];
  if (note.startsWith('staging')) return [...output, 'publish'];
  return note.startsWith('output') ? ['publish'] : [];
}
