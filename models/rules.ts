import { deltaRules, deltasOf, touchedRules } from './delta-rules.ts';
import type { Draft, Finding } from './draft.ts';
import { isState, versionColumns } from './model.ts';
import type { ModelProblem, SourceModel } from './model.ts';
import type { ReadHeader } from './header.ts';
import { namePattern } from './header-schema.ts';
import { isTypeName } from './sql-tree.ts';
import { historyColumns, historyRules, tableRules } from './table-rules.ts';

/** Columns that Weir adds to tables of its own; a source or SELECT cannot have one of that name. */
const reserved = ['_xid', '_record_hash', 'loaded_at'];

/** The rules of a source: column types that Postgres reads, names that Weir does not need itself. */
export function checkSource(model: SourceModel, read: ReadHeader): readonly ModelProblem[] {
  const findings = Object.entries(model.columns).flatMap(([name, column]): readonly Finding[] => {
    const line = read.lineOf(['columns', name]);
    if ([...versionColumns, ...reserved].some((one) => one === name)) {
      return [
        { line, problem: `column ${name} is one that Weir adds itself`, mend: 'Give it another name.' },
      ];
    }
    if (column.type !== null && isTypeName(column.type)) return [];
    const mend =
      'Write one as Postgres knows it, in small letters: text, numeric(12,2), timestamp, jsonb, text[].';
    return [
      {
        line: read.lineOf(['columns', name, 'type']),
        problem: `${name}: ${column.type} is not a type`,
        mend,
      },
    ];
  });
  if (read.body.trim() !== '') {
    findings.push({
      line: read.bodyLine,
      problem: 'a source has no SELECT',
      mend: 'Leave out what follows the header.',
    });
  }
  if (model.timeColumn !== null && !(model.timeColumn in model.columns)) {
    findings.push({
      line: read.lineOf(['time_column']),
      problem: `no column ${model.timeColumn}`,
      mend: 'Name one of columns.',
    });
  }
  if (model.retention !== null && isState(model)) {
    findings.push({
      line: read.lineOf(['retention']),
      problem: `retention with reader ${model.reader}`,
      mend: "Leave it out: rows of this reader's table are the state of the source now, and none of them is old.",
    });
  }
  return findings.map((finding) => ({ file: model.file, ...finding }));
}

/** The rules of a model that loads publish. */
export function checkPublished(draft: Draft): readonly ModelProblem[] {
  const findings = [
    ...historyRules(draft),
    ...gateRules(draft),
    ...inputRules(draft),
    ...columnRules(draft),
    ...keyRules(draft),
    ...tableRules(draft),
    ...(draft.touched.length > 0 ? touchedRules(draft) : deltaRules(draft)),
  ];
  return findings.map((finding) => ({ file: draft.file, ...finding }));
}

function gateRules({ header, read }: Draft): readonly Finding[] {
  const line = read.lineOf(['gate']);
  if (header.gates !== undefined && header.gate !== undefined) {
    return [{ line, problem: 'gates and gate: none contradict each other', mend: 'Keep one.' }];
  }
  if (header.gates === undefined && header.gate === undefined) {
    const mend = 'Name a suite under gates, or say gate: none with a gate_reason.';
    return [{ line: read.lineOf([]), problem: 'a published model without a gate', mend }];
  }
  if (header.gate !== undefined && header.gate_reason === undefined) {
    return [
      { line, problem: 'gate: none without a reason', mend: 'Say in gate_reason why nothing has to hold.' },
    ];
  }
  return [];
}

function inputRules({ header, read, main }: Draft): readonly Finding[] {
  if (header.gates?.input === undefined || (deltasOf(main).length === 1 && header.touched === undefined))
    return [];
  const mend = 'An input gate reads the one delta that a model maps. Use output.';
  return [{ line: read.lineOf(['gates', 'input']), problem: 'an input gate without a delta to read', mend }];
}

function columnRules({ main, header, read }: Draft): readonly Finding[] {
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const { name, line } of main.columns) {
    if (name === null) findings.push({ line, problem: 'a column without a name', mend: 'Add: as <name>.' });
    else if (name === '*') {
      findings.push({
        line,
        problem: 'the SELECT ends in a star',
        mend: 'Name its columns: one that comes or goes must be seen.',
      });
    } else if (reserved.slice(0, 1).includes(name)) {
      findings.push({ line, problem: `column ${name} is one that Weir adds itself`, mend: 'Leave it out.' });
    } else if (!new RegExp(namePattern).test(name)) {
      findings.push({
        line,
        problem: `column ${name} is not snake_case`,
        mend: 'Small letters, digits and _, at most 63.',
      });
    } else if (seen.has(name))
      findings.push({ line, problem: `column ${name} twice`, mend: 'Give one another name.' });
    seen.add(name ?? '');
  }
  const mentioned = [
    ...Object.keys(header.columns ?? {}).map((name) => ({ name, path: ['columns', name] })),
    ...(header.indexes ?? []).flatMap((list, index) =>
      list.map((name) => ({ name, path: ['indexes', index] })),
    ),
    ...(header.time_column === undefined ? [] : [{ name: header.time_column, path: ['time_column'] }]),
  ];
  if (header.kind === 'history') for (const name of historyColumns) seen.add(name);
  const absent = mentioned.filter(({ name }) => !seen.has(name));
  return [
    ...findings,
    ...absent.map(({ name, path }) => ({
      line: read.lineOf(path),
      problem: `the SELECT has no column ${name}`,
      mend: `It has ${[...seen].join(', ')}.`,
    })),
  ];
}

function keyRules({ header, read, main }: Draft): readonly Finding[] {
  const line = read.lineOf(['unique_key']);
  return (header.unique_key ?? [])
    .filter((key) => !main.columns.some((column) => column.name === key))
    .map((key) => ({
      line,
      problem: `unique_key ${key}: the SELECT has no such column`,
      mend: 'Add it to the SELECT.',
    }));
}
