import { layers, ModelRefused } from './model.ts';
import type {
  ColumnHeader,
  GateHeader,
  Layer,
  Model,
  ModelProblem,
  PublishedModel,
  Reference,
  SourceModel,
} from './model.ts';
import { durationDays, durationSeconds } from './duration.ts';
import { readHeader } from './header.ts';
import type { Header, ReadHeader } from './header.ts';
import { namePattern } from './header-schema.ts';
import { checkPublished, checkSource } from './rules.ts';
import { placeSelect, selectText } from './place-select.ts';
import type { PlacedSelect } from './place-select.ts';

/**
 * Reads one model's file: the header, checked against its schema, and the SELECT, parsed by Postgres's own parser.
 *
 * @param file - `models/<layer>/<name>.sql`, with which it is known; the last two parts name the model.
 * @throws ModelRefused with everything that is wrong with the file.
 */
export async function parseModel(file: string, text: string): Promise<Model> {
  const problems: ModelProblem[] = [];
  const place = placeOf(file);
  if (place === null) throw new ModelRefused([misplaced(file)]);
  const read = readHeader(file, text);
  problems.push(...read.problems);
  const { header } = read;
  if (header === null) throw new ModelRefused(problems);
  const base = await baseOf(place, file, header, read);
  const model = header.kind === 'source' ? sourceOf(base, header) : queryModel(base, header, read, problems);
  if (model !== null && model.kind === 'source') problems.push(...checkSource(model, read));
  if (problems.length > 0 || model === null) throw new ModelRefused(problems);
  return model;
}

type Base = Omit<SourceModel, 'kind' | 'reader' | 'settings' | 'retention'>;

function placeOf(file: string): { readonly layer: Layer; readonly name: string } | null {
  const [folder, base] = file.split('/').slice(-2);
  const layer = layers.find((one) => one === folder);
  const name = base?.replace(/\.sql$/, '');
  return layer === undefined || name === undefined || !new RegExp(namePattern).test(name)
    ? null
    : { layer, name };
}

function misplaced(file: string): ModelProblem {
  const mend = `Models are models/<layer>/<name>.sql; layers are ${layers.join(', ')}, names are snake_case.`;
  return { file, line: 1, problem: 'not the place or name of a model', mend };
}

async function baseOf(
  place: { readonly layer: Layer; readonly name: string },
  file: string,
  header: Header,
  read: ReadHeader,
): Promise<Base> {
  // What changes how the table is kept, and no row of it, is not here: on_schema_change, grants, partitioning, …
  const built = JSON.stringify([
    header.kind,
    header.unique_key ?? [],
    header.touched ?? {},
    selectText(read.body),
  ]);
  return {
    ...place,
    relation: `${place.layer}.${place.name}`,
    file,
    schedule: header.schedule,
    owner: header.owner,
    tier: header.tier ?? 2,
    description: header.description.trim(),
    grain: header.grain,
    runbook: header.runbook ?? null,
    timeColumn: header.time_column ?? null,
    columns: columnsOf(header),
    grants: header.grants?.select ?? [],
    indexes: header.indexes ?? [],
    sqlHash: await sha256(built),
    lines: {
      freshness: read.lineOf(['freshness', 'objective']),
      reader: read.lineOf(['reader']),
      settings: read.lineOf(['settings']),
      input: read.lineOf(['gates', 'input', 'suite']),
      output: read.lineOf(['gates', 'output', 'suite']),
      select: read.bodyLine,
    },
  };
}

function columnsOf(header: Header): Readonly<Record<string, ColumnHeader>> {
  return Object.fromEntries(
    Object.entries(header.columns ?? {}).map(([name, column]) => [
      name,
      {
        description: column.description,
        personal: column.personal ?? false,
        cleared: column.personal === false,
        type: column.type ?? null,
      },
    ]),
  );
}

function sourceOf(base: Base, header: Header): SourceModel {
  const { retention } = header;
  return {
    ...base,
    kind: 'source',
    reader: header.reader ?? '',
    settings: header.settings ?? {},
    retention: retention === undefined ? null : { days: durationDays(retention) },
  };
}

function queryModel(base: Base, header: Header, read: ReadHeader, problems: ModelProblem[]): Model | null {
  const main = placeSelect(base.file, read.body, read.bodyLine, problems);
  if (header.kind === 'view') {
    if (main === null) return null;
    problems.push(...viewProblems(base.file, main));
    return {
      ...base,
      kind: 'view',
      gateReason: header.gate_reason ?? null,
      sql: main.text,
      references: referencesOf(main),
    };
  }
  if (header.kind === 'source') return null;
  const touched = Object.entries(header.touched ?? {}).map(([delta, sql]) => ({
    delta,
    line: read.lineOf(['touched', delta]) + (/^\s*/.exec(sql)?.[0].split('\n').length ?? 1) - 1,
    select: placeSelect(base.file, sql, read.lineOf(['touched', delta]), problems),
  }));
  if (main === null) return null;
  problems.push(...checkPublished({ file: base.file, name: base.name, header, read, main, touched }));
  const model: PublishedModel = {
    ...base,
    kind: header.kind,
    uniqueKey: header.unique_key ?? [],
    gates: { input: gateOf(header.gates?.input), output: gateOf(header.gates?.output) },
    gateReason: header.gate_reason ?? null,
    shape: shapeOf(main, touched),
    onSchemaChange: header.on_schema_change ?? 'fail',
    partitioning: header.partitioning ?? null,
    freshness: freshnessOf(header),
    maxShrink: header.max_shrink ?? null,
    sql: main.text,
    references: referencesOf(main),
  };
  return model;
}

function freshnessOf({ freshness }: Header): PublishedModel['freshness'] {
  if (freshness === undefined) return null;
  return { objectiveSeconds: durationSeconds(freshness.objective), target: freshness.target };
}

function gateOf(gate: NonNullable<Header['gates']>['input']): GateHeader | null {
  if (gate === undefined) return null;
  return {
    suite: gate.suite,
    parameters: gate.parameters ?? {},
    onFailure: gate.on_failure ?? null,
    quarantineShare: gate.quarantine_share ?? null,
  };
}

function shapeOf(
  main: PlacedSelect,
  touched: readonly { readonly delta: string; readonly line: number; readonly select: PlacedSelect | null }[],
): PublishedModel['shape'] {
  if (touched.length > 0) {
    const queries = touched.flatMap(({ delta, line, select }) =>
      select === null ? [] : [{ delta, sql: select.text, line, references: referencesOf(select) }],
    );
    return { kind: 'touched', queries };
  }
  const delta = main.relations.find((one) => one.schema === 'delta');
  return delta === undefined ? { kind: 'whole' } : { kind: 'map', delta: delta.name };
}

function referencesOf(select: PlacedSelect): readonly Reference[] {
  return select.relations.flatMap((one) =>
    one.schema === null ? [] : [{ schema: one.schema, name: one.name, line: one.line }],
  );
}

function viewProblems(file: string, main: PlacedSelect): readonly ModelProblem[] {
  return main.relations
    .filter((one) => one.schema === 'delta' || one.schema === 'touched')
    .map(({ line, schema, name }) => ({
      file,
      line,
      problem: `a view reads ${schema}.${name}`,
      mend: 'A view has no window: name whole relations by their own schema.',
    }));
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
