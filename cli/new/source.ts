import path from 'node:path';
import { defineCommand } from 'citty';
import { readGraph } from '../../activities/repository.ts';
import { namePattern } from '../../models/header-schema.ts';
import { cliFolders } from '../connect.ts';
import { exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { checkPipeline } from '../pipelines.ts';
import { withFiles } from '../selecting.ts';
import { checkName, listOf, writeNew } from './write-new.ts';

/** What each reader asks for in `settings`, from what was given. */
const readers = {
  json_lines: ({ folder, columns }: Given) => [`folder: ${folder}`, `record: [${columns[0]?.name ?? ''}]`],
  csv: ({ folder }: Given) => [`folder: ${folder}`],
  table: ({ relation, key }: Given) => [`relation: ${relation}`, `key: [${key.join(', ')}]`],
  postgres_hash: (given: Given) => ofPostgres(given),
  postgres_snapshot: (given: Given) => ofPostgres(given),
  postgres_cursor: (given: Given) => [
    ...ofPostgres(given),
    `cursor: ${cursorOf(given.columns)}`,
    'lookback: 15 minutes',
  ],
} as const;

interface Given {
  readonly folder: string;
  readonly relation: string;
  readonly connection: string;
  readonly key: readonly string[];
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

function ofPostgres({ connection, relation, key }: Given): readonly string[] {
  return [`connection: ${connection}`, `relation: ${relation}`, `key: [${key.join(', ')}]`];
}

/** `weir new source`: where rows come from. */
export default defineCommand({
  meta: {
    name: 'source',
    description:
      'Write a source: a reader, its settings, its columns. Example: weir new source raw_returns --reader json_lines --columns return_id:text,amount:numeric,returned_at:timestamp Exit codes: 0 written, 3 could not; nothing is written over.',
  },
  args: {
    name: {
      type: 'positional',
      required: true,
      description: 'its name, which is that of its table: raw_returns',
    },
    reader: { type: 'string', default: 'json_lines', description: Object.keys(readers).join(', ') },
    columns: {
      type: 'string',
      default: 'id:text,happened_at:timestamp',
      description: 'name:type, separated by commas; types of Postgres',
    },
    key: { type: 'string', description: 'columns that know a row, separated by commas; default: the first' },
    folder: {
      type: 'string',
      description: 'of readers of files: below the landing folder; default: its name without raw_',
    },
    relation: { type: 'string', description: 'of readers of databases: schema.name' },
    connection: {
      type: 'string',
      description: 'of readers of another Postgres: its name, as in WEIR_SOURCE_<NAME>_URL',
    },
    schedule: { type: 'string', default: 'hourly', description: 'minute, hourly or daily' },
    owner: { type: 'string', default: 'data', description: 'the team that is asked about it' },
    json: { type: 'boolean', description: 'print what was written as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    checkName(args.name);
    const { modelsFolder } = cliFolders();
    const graph = await withFiles(() => readGraph({ modelsFolder }));
    if (graph.byName.has(args.name))
      throw new Failure(
        `${graph.byName.get(args.name)?.file} has that name already, and a name is unique over all layers`,
      );
    const reader = readReader(args.reader);
    const schedule = readSchedule(args.schedule);
    const columns = readColumns(args.columns);
    const plain = args.name.replace(/^raw_/, '');
    const given: Given = {
      folder: args.folder ?? plain,
      relation: args.relation ?? `operational.${plain}`,
      connection: args.connection ?? plain,
      key: readKey(args.key, columns),
      columns,
    };
    const text = sourceText(args.name, { reader, schedule, owner: args.owner, given });
    const isFiles = reader === 'json_lines' || reader === 'csv';
    return writeNew(
      [{ file: path.join(modelsFolder, 'bronze', `${args.name}.sql`), text }],
      [
        'say in its header what it is, and of each column what it means and whether it is personal',
        ...(isFiles
          ? [`deliver files to ${given.folder}/ below the landing folder, as NAME.tmp, then renamed`]
          : []),
        ...(!isFiles && reader !== 'table'
          ? [`set WEIR_SOURCE_${given.connection.toUpperCase()}_URL where workers start`]
          : []),
        'weir migrate, which makes its table',
        `weir new model stg_${plain} --from ${args.name}`,
      ],
      args.json,
    );
  }),
});

interface Text {
  readonly reader: keyof typeof readers;
  readonly schedule: string;
  readonly owner: string;
  readonly given: Given;
}

function sourceText(name: string, { reader, schedule, owner, given }: Text): string {
  return [
    '/*',
    'kind: source',
    `schedule: ${schedule}`,
    `owner: ${owner}`,
    `description: What is delivered as ${name}. Say here what it is and who sends it.`,
    'grain: one row a delivered record',
    `reader: ${reader}`,
    'settings:',
    ...readers[reader](given).map((line) => `  ${line}`),
    'columns:',
    ...given.columns.map(
      (column) => `  ${column.name}: {type: ${JSON.stringify(column.type)}, description: "What it says"}`,
    ),
    '*/',
    '',
  ].join('\n');
}

function readReader(text: string): keyof typeof readers {
  const names = Object.keys(readers).filter((one): one is keyof typeof readers => one in readers);
  const found = names.find((one) => one === text);
  if (found !== undefined) return found;
  throw new Failure(`there is no reader ${text} to begin with: there are ${names.join(', ')}`);
}

function readSchedule(text: string): string {
  return checkPipeline(text) ?? text;
}

function readColumns(text: string): Given['columns'] {
  const columns = listOf(text).map((one) => {
    const [name = '', type = 'text'] = one.split(':');
    if (!new RegExp(namePattern).test(name) || !/^[a-z][a-z0-9_ ]*(\(\d+(, ?\d+)?\))?(\[\])?$/i.test(type))
      throw new Failure(`--columns: ${one} is not name:type, such as amount:numeric`);
    return { name, type };
  });
  if (columns.length > 0) return columns;
  throw new Failure('--columns names no column');
}

function readKey(text: string | undefined, columns: Given['columns']): readonly string[] {
  const key = listOf(text);
  const other = key.find((name) => !columns.some((column) => column.name === name));
  if (other !== undefined) throw new Failure(`--key: there is no column ${other} among --columns`);
  return key.length > 0 ? key : columns.slice(0, 1).map(({ name }) => name);
}

/** A cursor is a time, so that a lookback of minutes means something. */
function cursorOf(columns: Given['columns']): string {
  const found = columns.find(({ type }) => type.startsWith('timestamp'));
  if (found !== undefined) return found.name;
  throw new Failure(
    'postgres_cursor reads by a column that grows: give --columns a timestamp, such as changed_at:timestamp',
  );
}
