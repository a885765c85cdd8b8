/** Sizes of a drawing in CSS pixels; `letters` counts. A letter is one of the code font at 12 px, 0.6 of its size wide, and air. */
export const SIZES = {
  letter: 7.35,
  /** The longest name that is drawn whole. */
  letters: 30,
  nodeHeight: 46,
  /** The narrowest node. */
  least: 188,
  /** What a node has beside its name: its mark and half a gate at either end. */
  beside: 48,
  headHeight: 34,
  /** The radius of a gate, and of a line's corner. */
  gate: 10,
  corner: 6,
} as const;
