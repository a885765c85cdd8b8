import { readFileSync } from 'node:fs';
import os from 'node:os';
import { defineCommand } from 'citty';
import type { Database } from '../../activities/databases.ts';
import type { KeptFilter } from '../../activities/quarantine/kept-rows.ts';
import { ReleaseRefused, releaseRows } from '../../activities/quarantine/release.ts';
import type { Released, ReleaseRequest } from '../../activities/quarantine/release.ts';
import { readGraph } from '../../activities/repository.ts';
import { isObject } from '../../expectations/json.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import type { Graph } from '../../models/graph.ts';
import { answer } from '../answer.ts';
import { cliFolders, withDatabase } from '../connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { checkNames } from './list.ts';
import { readId } from './show.ts';

/** `weir quarantine release`: puts rows back on their way, mended. */
export default defineCommand({
  meta: {
    name: 'release',
    description:
      'Put what was set aside back on its way, mended: it arrives again at its place, and the next load takes it through the same gates. A row that was overtaken meanwhile is marked superseded and stays. Example: weir quarantine release b7 --set store_id=STORE_00012 --reason "till 4 sent no store" Exit codes: 0 done, 3 refused or could not run; nothing is released then.',
  },
  args: {
    ids: {
      type: 'positional',
      required: false,
      description: 'r12,b7 …, separated by commas, as weir quarantine list shows them',
    },
    load: { type: 'string', description: 'all that this load set aside' },
    'all-of': { type: 'string', description: 'all that waits of this model or source' },
    set: { type: 'string', description: 'column=value of the source, as JSON or text; may be given again' },
    record: {
      type: 'string',
      description: 'a file with the whole record as one JSON object, in place of what came',
    },
    reason: { type: 'string', required: true, description: 'why, for the audit log' },
    by: { type: 'string', description: 'who decides; default: the user of this shell' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(async ({ args, rawArgs }): Promise<ExitCode> => {
    const request: ReleaseRequest = {
      filter: readFilter(args.ids?.split(',') ?? [], args.load, args['all-of']),
      set: readSet(rawArgs),
      record: args.record === undefined ? null : readRecord(args.record),
      reason: readReason(args.reason),
      by: args.by ?? os.userInfo().username,
    };
    const graph = await readGraph(cliFolders());
    checkNames(graph, request.filter.relation);
    const released = await withDatabase(
      'weir quarantine release',
      (database) => release(database, graph, request),
      'weir_loader',
    );
    answer(args.json, released, () => text(released, request.filter));
    return exitCodes.done;
  }),
});

async function release(database: Database, graph: Graph, request: ReleaseRequest): Promise<Released> {
  try {
    return await releaseRows(database, graph, request);
  } catch (error) {
    if (error instanceof ReleaseRefused) throw new Failure(`nothing was released\n${error.message}`);
    throw error;
  }
}

function readFilter(
  ids: readonly string[],
  load: string | undefined,
  allOf: string | undefined,
): ReleaseRequest['filter'] {
  const ways = [ids.length > 0, load !== undefined, allOf !== undefined].filter(Boolean).length;
  if (ways !== 1) throw new Failure('say what to release: ids, or --load N, or --all-of MODEL');
  if (allOf !== undefined) return { relation: allOf };
  if (load === undefined) return { ids: ids.map(readId) };
  if (!/^[1-9]\d*$/.test(load)) throw new Failure(`${load} is no load: give its number in control.ledger`);
  return { loadId: Number(load) };
}

function readReason(reason: string): string {
  const said = reason.trim();
  if (said === '') throw new Failure('--reason is empty: say why, for those who read the audit log');
  return said;
}

/** citty keeps the last of an option that is given again. */
function readSet(rawArgs: readonly string[]): JsonObject {
  const given = rawArgs.flatMap((one, at) =>
    one === '--set' ? [rawArgs[at + 1] ?? ''] : one.startsWith('--set=') ? [one.slice('--set='.length)] : [],
  );
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf('=');
      if (at < 1) throw new Failure(`--set ${one} is not column=value`);
      return [one.slice(0, at), readValue(one.slice(at + 1))] as const;
    }),
  );
}

/** What is JSON is taken as that, everything else as text: `null`, `12.5`, `STORE_00012`. */
function readValue(value: string): Json {
  try {
    const json: Json = JSON.parse(value);
    // A number as it was written: read as one it would lose digits, and a text column would get other zeros.
    return typeof json === 'number' ? value : json;
  } catch {
    return value;
  }
}

function readRecord(file: string): JsonObject {
  try {
    const record: Json = JSON.parse(readFileSync(file, 'utf8'));
    if (isObject(record)) return record;
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new Failure(`${file} ${why}: it should hold one JSON object, the record with its columns`);
  }
  throw new Failure(`${file} holds no JSON object: it should be the record with its columns`);
}

function text({ released, superseded, models }: Released, { relation, loadId }: KeptFilter): string {
  const what = relation === undefined ? `that load ${loadId ?? ''} set aside` : `of ${relation}`;
  const lines = [
    released.length === 0
      ? `nothing was released${superseded.length === 0 ? `: nothing ${what} waits` : ''}`
      : `released ${released.join(', ')}: the next load of ${models.join(', ')} takes ${released.length === 1 ? 'it' : 'them'}`,
    ...(superseded.length === 0
      ? []
      : [
          `superseded ${superseded.join(', ')}: nothing to release any more (weir quarantine show ${superseded[0] ?? ''})`,
        ]),
  ];
  return `${lines.join('\n')}\n`;
}
