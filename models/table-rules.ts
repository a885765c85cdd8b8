import type { Draft, Finding } from './draft.ts';

/** Columns that Weir adds to a history: from when until when a version of a row stood. */
export const historyColumns = ['valid_from', 'valid_to'] as const;

/** The rules of a model that keeps every version of its rows. */
export function historyRules({ header, main }: Draft): readonly Finding[] {
  if (header.kind !== 'history') return [];
  return main.columns
    .filter(({ name }) => historyColumns.some((one) => one === name))
    .map(({ name, line }) => ({
      line,
      problem: `column ${name} in the SELECT of a history`,
      mend: 'Leave it out or name it otherwise: Weir writes it, from when a version of a row was published until the next one.',
    }));
}

/** The rules of how a target is kept: its partitions, and how much of it may go away at once. */
export function tableRules(draft: Draft): readonly Finding[] {
  return [...partitioningRules(draft), ...shrinkRules(draft)];
}

function partitioningRules({ header, read }: Draft): readonly Finding[] {
  const { partitioning, unique_key: key = [] } = header;
  if (partitioning === undefined) return [];
  if (header.kind === 'history') {
    const mend = 'Leave it out: a version stands from one day to another and belongs to no one of them.';
    return [{ line: read.lineOf(['partitioning']), problem: 'partitioning of a history', mend }];
  }
  if (key.includes(partitioning.column)) return [];
  return [
    {
      line: read.lineOf(['partitioning', 'column']),
      problem: `partitioning by ${partitioning.column}, which is not in unique_key (${key.join(', ')})`,
      mend: 'Add it to the key, or leave partitioning out: Postgres keeps a key unique within a partition, so its index must have the column.',
    },
  ];
}

function shrinkRules({ header, read }: Draft): readonly Finding[] {
  if (header.max_shrink === undefined) return [];
  const line = read.lineOf(['max_shrink']);
  if (header.kind === 'incremental') {
    const mend =
      'It is for full_refresh and history: no other load takes the rows away that it does not read.';
    return [{ line, problem: 'max_shrink in an incremental model', mend }];
  }
  if (header.gates?.output !== undefined) return [];
  return [
    {
      line,
      problem: 'max_shrink without an output gate',
      mend: 'Name a suite under gates: output; the gate is what holds a load that shrinks too much.',
    },
  ];
}
