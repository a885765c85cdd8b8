import type { Database, DatabaseTransaction } from '../../activities/databases.ts';
import type { Beside } from '../../activities/gate/beside.ts';
import { readRepository } from '../../activities/repository.ts';
import { takeSnapshot } from '../../activities/snapshot.ts';
import { formatInstant, parseInstant } from '../../expectations/instant.ts';
import { isPublished } from '../../models/model.ts';
import type { Model } from '../../models/model.ts';
import type { Window } from '../../models/window.ts';
import { openDatabase } from '../../workers/databases.ts';
import { cliDatabaseUrl, cliFolders } from '../connect.ts';
import { exitCodes, Failure, type ExitCode } from '../exit-codes.ts';
import { checkPipeline } from '../pipelines.ts';
import { refuseUnmigrated } from '../migrated.ts';
import { changedModels, publishedModels } from '../plan/changed.ts';
import { reading } from '../reading.ts';
import { selected, withFiles } from '../selecting.ts';
import { buildScratch } from './build.ts';
import type { Built } from './build.ts';
import { askGates } from './gates.ts';
import type { ScratchVerdict } from './gates.ts';
import { checkScratchName, dropScratch } from './schema.ts';
import type { Scratch, Span } from './scratch.ts';
import { scratchText, wouldHold } from './text.ts';

/** What `weir run --schema` is asked for, as it was typed. */
export interface ScratchRequest {
  readonly schema: string;
  readonly pipeline: string | undefined;
  readonly select: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly asOf: string | undefined;
  readonly drop: boolean;
  readonly json: boolean;
}

/**
 * Builds what is selected into a schema of its own, asks its gates, and compares it with what is published: without a
 * run, and without anything that a reader, a watermark or a pager would notice.
 *
 * @throws Failure (3) when it could not be built.
 */
export async function runInScratch(request: ScratchRequest): Promise<ExitCode> {
  checkScratchName(request.schema);
  const admin = openDatabase(cliDatabaseUrl(), 'weir run --schema', 1);
  try {
    if (!request.drop) return await withFiles(() => build(admin, request));
    await dropScratch(admin, request.schema);
    process.stdout.write(`dropped ${request.schema}\n`);
    return exitCodes.done;
  } finally {
    await admin.destroy();
  }
}

async function build(admin: Database, request: ScratchRequest): Promise<ExitCode> {
  await refuseUnmigrated(admin);
  const { suites, graph } = await readRepository(cliFolders());
  const asOf = readTime('--as-of', request.asOf) ?? new Date().toISOString();
  const span = readSpan(request);
  const models = chosen(selected(graph, request.select, await changedModels(admin, graph)), request.pipeline);
  const { snapshot } = await takeSnapshot(admin);
  const window = windowOf(models, graph, span, snapshot);
  const scratch: Scratch = { schema: request.schema, graph, models, span, asOf, window };
  const built = await buildScratch(admin, scratch);
  const published = await publishedModels(admin);
  const rows = new Map(built.map((one) => [one.model.name, one.rows]));
  const ask = (trx: DatabaseTransaction, beside: Beside) =>
    askGates(trx, beside, { scratch, suites, rows, published });
  const verdicts = await reading(asOf, 'weir run --schema', ask);
  process.stdout.write(
    request.json ? jsonText(scratch, built, verdicts) : scratchText(scratch, built, verdicts),
  );
  return verdicts.some(wouldHold) ? exitCodes.gateFailed : exitCodes.done;
}

function jsonText(
  { schema, span }: Scratch,
  built: readonly Built[],
  verdicts: readonly ScratchVerdict[],
): string {
  const answer = {
    schema,
    span,
    models: built.map(({ model, ...rest }) => ({ model: model.name, ...rest })),
    gates: verdicts.map(({ verdict }) => verdict),
  };
  return `${JSON.stringify(answer, null, 2)}\n`;
}

function chosen(models: readonly Model[], pipeline: string | undefined): readonly Model[] {
  checkPipeline(pipeline);
  const found = models.filter(({ schedule }) => pipeline === undefined || schedule === pipeline);
  if (found.some(({ kind }) => kind !== 'source')) return found;
  throw new Failure('nothing that was selected is built from anything: sources are read as they landed');
}

/** Deltas of production within the span; those without a time, and all where there is no span, are whole. */
function windowOf(models: readonly Model[], graph: Scratch['graph'], span: Span | null, to: string): Window {
  if (span === null) return { kind: 'whole' };
  const read = models.filter(isPublished).flatMap(({ name }) => graph.upstream.get(name) ?? []);
  const deltas = [...new Set(read)].filter((name) => (graph.byName.get(name)?.timeColumn ?? null) !== null);
  return { kind: 'interval', ...span, to, deltas };
}

function readSpan({ from, to }: ScratchRequest): Span | null {
  const [start, end] = [readTime('--from', from), readTime('--to', to)];
  if (start === null && end === null) return null;
  if (start === null || end === null)
    throw new Failure('--from and --to belong together: [from, to), event time');
  if (!(Date.parse(start) < Date.parse(end))) throw new Failure(`--from ${from} is not before --to ${to}`);
  return { start, end };
}

function readTime(flag: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  const instant = parseInstant(text);
  if (instant === null) throw new Failure(`${flag} ${text} is not ISO 8601, such as 2017-01-02T08:00:00Z`);
  return formatInstant(instant);
}
