import type { Draft, Finding } from './draft.ts';
import { versionColumns } from './model.ts';
import type { PlacedSelect } from './place-select.ts';

/** The rules of a model that states its keys in `touched:`. */
export function touchedRules({ name, header, read, main, touched }: Draft): readonly Finding[] {
  const findings: Finding[] = deltasOf(main).map(({ line, name: delta }) => ({
    line,
    problem: `delta.${delta} in the SELECT of a model with touched:`,
    mend: 'Read whole relations there; deltas belong into touched:.',
  }));
  if (!main.relations.some((one) => one.schema === 'touched' && one.name === name)) {
    const mend = `Join touched.${name}: it has the keys to recompute.`;
    findings.push({ line: read.bodyLine, problem: `the SELECT does not read touched.${name}`, mend });
  }
  if (header.kind !== 'incremental') {
    findings.push({
      line: read.lineOf(['touched']),
      problem: `touched: in a ${header.kind} model`,
      mend: 'It is for kind incremental.',
    });
  }
  const key = (header.unique_key ?? []).join(', ');
  for (const { delta, select } of touched) {
    if (select === null) continue;
    const line = read.lineOf(['touched', delta]);
    const found = deltasOf(select);
    if (found.length !== 1 || found[0]?.name !== delta) {
      findings.push({
        line,
        problem: `touched ${delta} must read delta.${delta}, once, and no other delta`,
        mend: 'One query a delta: their keys are united.',
      });
    }
    const columns = select.columns.map((column) => column.name ?? '?').join(', ');
    if (columns !== key) {
      findings.push({
        line,
        problem: `touched ${delta} selects (${columns})`,
        mend: `Select the unique key, in its order: (${key}).`,
      });
    }
  }
  return findings;
}

/** The rules of a model that states no keys: it maps the rows of one delta, or reads none. */
export function deltaRules({ header, read, main }: Draft): readonly Finding[] {
  const deltas = deltasOf(main);
  const second = deltas[1];
  if (second !== undefined) {
    const problem = `delta.${second.name} beside delta.${deltas[0]?.name ?? ''}: a delta used where touched: is needed`;
    return [
      {
        line: second.line,
        problem,
        mend: 'Two deltas cannot be joined: a row of one whose partner came earlier would be lost. State touched: keys for each.',
      },
    ];
  }
  const first = deltas[0];
  if (first === undefined) {
    if (header.kind !== 'incremental') return [];
    const mend = 'Read delta.<relation>, or state touched:, or use kind full_refresh.';
    return [{ line: read.bodyLine, problem: 'an incremental model that reads no delta', mend }];
  }
  if (header.kind !== 'incremental') {
    const mend = 'Name the whole relation by its own schema.';
    return [{ line: first.line, problem: `delta.${first.name} in a ${header.kind} model`, mend }];
  }
  return mappingRules(main, first);
}

function mappingRules(
  main: PlacedSelect,
  delta: { readonly line: number; readonly name: string },
): readonly Finding[] {
  if (main.groups) {
    const problem = `rows of delta.${delta.name} are grouped or made distinct: a delta used where touched: is needed`;
    return [
      {
        line: delta.line,
        problem,
        mend: 'A window has only part of a group. State touched: keys and group whole relations.',
      },
    ];
  }
  const lacking = versionColumns.filter((name) => !main.columns.some((column) => column.name === name));
  if (lacking.length === 0) return [];
  const mend = 'Carry them through: publish tells by them which version is later and which row was left out.';
  return [
    { line: main.columns[0]?.line ?? delta.line, problem: `the SELECT lacks ${lacking.join(', ')}`, mend },
  ];
}

/** The deltas that a SELECT reads, with the line of each. */
export function deltasOf(select: PlacedSelect): readonly { readonly line: number; readonly name: string }[] {
  return select.relations.filter((one) => one.schema === 'delta');
}
