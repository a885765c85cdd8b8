import type { AskingGate } from '../../read/suite-gates.ts';

/**
 * Where a promise stands on the page: of the first gate by its place alone, `p3`, as other pages lead to it; of the others
 * behind the gate's own anchor.
 *
 * @param index the gate's place on the page, from 0.
 */
export function promiseAnchor({ model, gate }: AskingGate, index: number, place: number): string {
  return index === 0 ? `p${place}` : `${model.name}-${gate}-p${place}`;
}
