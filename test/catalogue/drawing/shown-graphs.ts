import fc from 'fast-check';
import { columns, type ShownGraph } from '../../../catalogue/drawing/shown-graph.ts';

/** Graphs without cycles, of every shape; a few of their edges lead back to an earlier column. */
export const shownGraphs: fc.Arbitrary<ShownGraph> = fc
  .array(
    fc.record({
      column: fc.constantFrom(...columns),
      letters: fc.integer({ min: 1, max: 50 }),
      gates: fc.subarray(['input', 'output'] as const),
      reads: fc.array(fc.nat(), { maxLength: 4 }),
    }),
    { maxLength: 18 },
  )
  .map((drawn) => {
    const name = (index: number, letters: number): string => `m${index}_${'x'.repeat(letters)}`;
    const nodes = drawn.map(({ column, letters, gates }, index) => ({
      name: name(index, letters),
      column,
      gates,
    }));
    const edges = drawn.flatMap(({ reads }, index) =>
      index === 0
        ? []
        : [...new Set(reads.map((one) => one % index))].map(
            (one) => [nodes[one]!.name, nodes[index]!.name] as const,
          ),
    );
    return { nodes, edges };
  });
