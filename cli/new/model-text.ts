import type { Schedule } from '../../models/model.ts';
import type { KnownColumn } from './columns.ts';
import { sampleOf } from './columns.ts';

/** A model that is to be written. */
export interface NewModel {
  readonly name: string;
  readonly layer: string;
  readonly kind: 'incremental' | 'full_refresh' | 'view';
  /** How it reads: rows of a delta one by one, those of the keys that a delta touches, or everything. */
  readonly reads: 'delta' | 'touched' | 'whole';
  readonly schedule: Schedule;
  readonly owner: string;
  /** What it reads: `silver.stg_transactions`. */
  readonly from: { readonly schema: string; readonly name: string };
  readonly key: readonly string[];
  readonly columns: readonly DescribedColumn[];
}

/** A column and what its origin says of it. */
export interface DescribedColumn extends KnownColumn {
  readonly description: string;
  readonly personal: boolean;
}

/** Columns that say which version of a row it is: a model that maps rows of a delta carries them. */
const VERSION = ['_source', '_revision', '_load', '_position'] as const;

/** The freshness objective to begin with: longer than the schedule, and what a load usually takes. */
const OBJECTIVES: Readonly<Record<Schedule, string>> = {
  minute: '5 minutes',
  hourly: '75 minutes',
  daily: '26 hours',
};

/** The file of a model: header and SELECT. */
export function modelText(model: NewModel): string {
  return ['/*', ...headerLines(model), '*/', ...selectLines(model), ''].join('\n');
}

function headerLines({
  name,
  kind,
  schedule,
  owner,
  key,
  columns,
  from,
  reads,
}: NewModel): readonly string[] {
  return [
    `kind: ${kind}`,
    `schedule: ${schedule}`,
    ...(kind === 'view' ? [] : [`unique_key: [${key.join(', ')}]`]),
    `owner: ${owner}`,
    'runbook: docs/runbooks/gate-held.md',
    `description: Rows of ${from.schema}.${from.name}. Say here what they are for who reads ${name}.`,
    `grain: one row a ${kind === 'view' ? 'row of what it reads' : key.join(' and ')}`,
    ...(reads === 'touched'
      ? ['touched:', `  ${from.name}: |`, `    select distinct ${key.join(', ')} from delta.${from.name}`]
      : []),
    ...(kind === 'view'
      ? ['gate: none', `gate_reason: A view loads nothing; what it reads passed the gates of ${from.name}.`]
      : [
          `freshness: {objective: ${OBJECTIVES[schedule]}, target: 0.99}`,
          'gates:',
          `  output: {suite: ${name}}`,
        ]),
    'columns:',
    ...columns.map(
      ({ name: column, description, personal }) =>
        `  ${column}: {description: ${JSON.stringify(description)}${personal ? ', personal: true' : ''}}`,
    ),
  ];
}

function selectLines({ name, key, columns, from, reads }: NewModel): readonly string[] {
  const names = columns.map((column) => column.name);
  const relation = `${from.schema}.${from.name}`;
  if (reads === 'touched')
    return [
      'select',
      names.map((column) => `  taken.${column}`).join(',\n'),
      `from ${relation} as taken`,
      `join touched.${name} as touched`,
      `  on ${key.map((column) => `touched.${column} = taken.${column}`).join('\n  and ')}`,
    ];
  const selected = [...names, ...(reads === 'delta' ? VERSION : [])];
  const nulls = key.filter((column) => !VERSION.some((one) => one === column));
  return [
    'select',
    selected.map((column) => `  ${column}`).join(',\n'),
    `from ${reads === 'delta' ? `delta.${from.name}` : relation}`,
    ...nulls.map((column, place) => `${place === 0 ? 'where' : '  and'} ${column} is not null`),
  ];
}

/** Tests of a model: a row comes through, and one without its key does not. */
export function testText({ kind, reads, key, columns, from }: NewModel): string {
  const relation = `${reads === 'delta' ? 'delta' : from.schema}.${from.name}`;
  const sampled = columns.flatMap((column) => {
    const value = sampleOf(column.type) ?? (key.includes(column.name) ? "'1'" : null);
    return value === null ? [] : [{ name: column.name, value }];
  });
  const row = (values: typeof sampled): string =>
    values.map(({ name, value }) => `${name}: ${value}`).join(', ');
  const keyed = sampled.filter(({ name }) => key.includes(name));
  const keyless = sampled.filter(({ name }) => !key.includes(name));
  return [
    'tests:',
    '  - name: a row comes through as it is',
    '    given:',
    `      ${relation}:`,
    `        - { ${row(sampled)} }`,
    '    expect:',
    `      - { ${row(sampled)} }`,
    ...(kind === 'view' || keyed.length === 0 || keyless.length === 0
      ? []
      : [
          '',
          `  - name: a row without ${keyed.map(({ name }) => name).join(' and ')} is left out`,
          '    given:',
          `      ${relation}:`,
          `        - { ${row(keyless)} }`,
          '    expect: []',
        ]),
    '',
  ].join('\n');
}
