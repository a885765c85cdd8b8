import path from 'node:path';
import { defineCommand } from 'citty';
import { readGraph } from '../../activities/repository.ts';
import type { Graph } from '../../models/graph.ts';
import { isPublished, isSource, isState, layers, type Model } from '../../models/model.ts';
import { cliFolders } from '../connect.ts';
import { exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { withFiles } from '../selecting.ts';
import { modelNamed, typedColumnsOf } from './columns.ts';
import { modelText, testText, type DescribedColumn, type NewModel } from './model-text.ts';
import { suiteText } from './suite-text.ts';
import { checkName, listOf, writeNew } from './write-new.ts';

const kinds = ['incremental', 'full_refresh', 'view'] as const;

/** `weir new model`: a model over a relation that there is, with its gate and its unit test. */
export default defineCommand({
  meta: {
    name: 'model',
    description:
      'Write a model that takes the rows of a relation, its suite and its unit test. Each works as it is, and is yours to change. Example: weir new model stg_returns --from raw_returns --key return_id Exit codes: 0 written, 3 could not; nothing is written over.',
  },
  args: {
    name: {
      type: 'positional',
      required: true,
      description: 'its name, which is that of its table: stg_returns',
    },
    from: { type: 'string', required: true, description: 'the source or model that it reads' },
    layer: { type: 'string', description: 'silver, gold or semantic; default: the one above what it reads' },
    kind: { type: 'string', description: `${kinds.join(', ')}; default: what suits what it reads` },
    key: {
      type: 'string',
      description: 'columns that know a row, separated by commas; default: what is known of it',
    },
    owner: { type: 'string', description: 'the team that is asked about it; default: as of what it reads' },
    json: { type: 'boolean', description: 'print what was written as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    checkName(args.name);
    const folders = cliFolders();
    const graph = await withFiles(() => readGraph(folders));
    if (graph.byName.has(args.name))
      throw new Failure(
        `${graph.byName.get(args.name)?.file} has that name already, and a name is unique over all layers`,
      );
    const model = await describe(graph, args);
    const file = path.join(folders.modelsFolder, model.layer, model.name);
    const suite = {
      file: path.join(folders.suitesFolder, `${model.name}.json`),
      text: suiteText({ ...model, relation: `${model.layer}.${model.name}` }),
    };
    return writeNew(
      [
        { file: `${file}.sql`, text: modelText(model) },
        { file: `${file}.test.yaml`, text: testText(model) },
        ...(model.kind === 'view' ? [] : [suite]),
      ],
      [
        'say in its header what it is and what a row of it is',
        `weir test ${model.name}`,
        `weir plan --select ${model.name}`,
        'weir migrate, which makes its table; the next run fills it',
      ],
      args.json,
    );
  }),
});

interface Asked {
  readonly name: string;
  readonly from: string;
  readonly layer?: string | undefined;
  readonly kind?: string | undefined;
  readonly key?: string | undefined;
  readonly owner?: string | undefined;
}

async function describe(graph: Graph, asked: Asked): Promise<NewModel> {
  const from = modelNamed(graph, asked.from);
  const known = await typedColumnsOf(graph, from);
  const columns = known.map((column): DescribedColumn => {
    const { description = `As ${from.relation} has it`, personal = false } = from.columns[column.name] ?? {};
    return { ...column, description, personal };
  });
  const names = columns.map(({ name }) => name);
  const layer = readLayer(asked.layer, from);
  const arrives = isSource(from) && !isState(from);
  const key = readKey(asked.key, from, [...names, ...(arrives ? PLACE : [])]);
  const isKeyed = isPublished(from) && key.length > 0 && key.every((column) => names.includes(column));
  const kind = readKind(
    asked.kind,
    { isView: layer === 'semantic', isIncremental: arrives || isKeyed },
    from,
  );
  return {
    name: asked.name,
    layer,
    kind,
    reads: kind !== 'incremental' ? 'whole' : arrives ? 'delta' : 'touched',
    schedule: from.schedule,
    owner: asked.owner ?? from.owner,
    from: { schema: from.layer, name: from.name },
    key,
    columns,
  };
}

/** Known of every row that was delivered, whatever it says. */
const PLACE = ['_source', '_position'];

function readLayer(asked: string | undefined, from: Model): string {
  const layer = asked ?? layers[Math.min(layers.indexOf(from.layer) + 1, layers.length - 1)];
  if (layer !== undefined && layer !== 'bronze' && layers.some((one) => one === layer)) return layer;
  throw new Failure(`there is no layer ${asked} for models: there are silver, gold and semantic`);
}

/** Rows that arrive are mapped one by one, those of a model by its key; what is a state is read whole. */
function readKind(
  asked: string | undefined,
  { isView, isIncremental }: { readonly isView: boolean; readonly isIncremental: boolean },
  from: Model,
): NewModel['kind'] {
  const usual = isView ? 'view' : isIncremental ? 'incremental' : 'full_refresh';
  const kind = kinds.find((one) => one === (asked ?? usual));
  if (kind === undefined)
    throw new Failure(`there is no kind ${asked} to begin with: there are ${kinds.join(', ')}`);
  if (kind !== 'incremental' || isIncremental) return kind;
  throw new Failure(
    `${from.name} is read whole: which rows of it are new is not known. Leave --kind out, or give --key where it is a model`,
  );
}

function readKey(asked: string | undefined, from: Model, columns: readonly string[]): readonly string[] {
  const key = listOf(asked);
  const other = key.find((column) => !columns.includes(column));
  if (other !== undefined)
    throw new Failure(`${from.relation} has no column ${other}; it has ${columns.join(', ')}`);
  if (key.length > 0) return key;
  const known = isPublished(from) ? from.uniqueKey : isSource(from) ? keyOfSource(from.settings['key']) : [];
  if (known.length > 0 && known.every((column) => columns.includes(column))) return known;
  if (columns.includes('_position')) return PLACE;
  if (isPublished(from))
    throw new Failure(
      `rows of ${from.name} are known by ${from.uniqueKey.join(' and ')}, which nobody else selects: say with --key which of its columns know a row`,
    );
  return columns.slice(0, 1);
}

function keyOfSource(key: unknown): readonly string[] {
  return Array.isArray(key) ? key.map(String) : [];
}
