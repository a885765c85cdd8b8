import { defineCommand } from 'citty';
import type { Database, DatabaseTransaction } from '../activities/databases.ts';
import { takeSnapshot } from '../activities/snapshot.ts';
import { loginUrl } from '../infra/local/logins.ts';
import type { Model } from '../models/model.ts';
import { answer } from './answer.ts';
import { cliDatabaseUrl, cliFolders, withDatabase } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { refuseUnmigrated } from './migrated.ts';
import { changedModels } from './plan/changed.ts';
import { readChecked } from './plan/check.ts';
import { describePlan } from './plan/describe.ts';
import type { Planned } from './plan/describe.ts';
import { describeSelects } from './plan/select-columns.ts';
import { checkPipeline } from './pipelines.ts';
import { planText } from './plan/text.ts';
import { copiesText, planCopies } from './scratch/planned.ts';
import type { PlannedCopy } from './scratch/planned.ts';
import { checkScratchName } from './scratch/schema.ts';
import { selectArg, selected, withFiles } from './selecting.ts';

const NOTHING = 'nothing of what is selected has changed\n';

/** `weir plan`: what a run would do and what has changed, without doing any of it. */
export default defineCommand({
  meta: {
    name: 'plan',
    description:
      'Say what a run would do, and what changed since it was published. It only reads. Example: weir plan hourly --select +fct_daily_sales --sql Exit codes: 0 it can run, 3 something is wrong with the files or would be refused.',
  },
  args: {
    pipeline: { type: 'positional', required: false, description: 'minute, hourly or daily; default: all' },
    select: selectArg,
    sql: { type: 'boolean', description: 'print the SQL as a load sends it' },
    json: { type: 'boolean', description: 'print as JSON' },
    schema: { type: 'string', description: 'what weir run --schema would build there, and from what' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    if (args.schema !== undefined) {
      const copies = await withFiles(() => planScratch(args.schema ?? '', args.pipeline, args.select));
      answer(args.json, copies, () =>
        copies.length === 0 ? NOTHING : copiesText(copies, args.sql === true),
      );
      return exitCodes.done;
    }
    const planned = await withFiles(() => plan(args.pipeline, args.select, args.sql === true));
    answer(args.json, planned.map(jsonOf), () => (planned.length === 0 ? NOTHING : planText(planned)));
    const refusals = planned.flatMap(({ load }) => load?.changes.refusals ?? []);
    if (refusals.length > 0) throw new Failure(refusals.join('\n'));
    return exitCodes.done;
  }),
});

async function planScratch(
  schema: string,
  pipeline: string | undefined,
  select: string | undefined,
): Promise<readonly PlannedCopy[]> {
  checkScratchName(schema);
  const { graph } = await readChecked(cliFolders());
  return await reads(async (database) => {
    const found = selected(graph, select, await changedModels(database, graph));
    const models = ofPipeline(found, pipeline, select);
    return planCopies(database, graph, models, schema);
  });
}

async function plan(
  pipeline: string | undefined,
  select: string | undefined,
  withSql: boolean,
): Promise<readonly Planned[]> {
  const repository = await readChecked(cliFolders());
  return await reads(async (database) => {
    const found = selected(repository.graph, select, await changedModels(database, repository.graph));
    const models = ofPipeline(found, pipeline, select);
    const selects = await describeSelects(
      loginUrl(cliDatabaseUrl(), 'weir_loader'),
      models.flatMap((model) => (model.kind === 'source' ? [] : [model])),
    );
    const taken = await takeSnapshot(database);
    const asOf = new Date().toISOString();
    return await reading(database, (trx) =>
      describePlan(trx, { repository, models, taken, asOf, selects, withSql }),
    );
  });
}

/** As the login of loads, over a database that has what a plan is read from. */
async function reads<T>(work: (database: Database) => Promise<T>): Promise<T> {
  return await withDatabase(
    'weir plan',
    async (database) => {
      await refuseUnmigrated(database);
      return await work(database);
    },
    'weir_loader',
  );
}

async function reading<T>(database: Database, work: (trx: DatabaseTransaction) => Promise<T>): Promise<T> {
  return await database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(work);
}

/** That nothing has changed is an answer; any other selection of nothing is a slip. */
function mayBeNone(select: string | undefined): boolean {
  return /(?<!\w)changed(?!\w)/.test(select ?? '');
}

function ofPipeline(
  models: readonly Model[],
  pipeline: string | undefined,
  select: string | undefined,
): readonly Model[] {
  checkPipeline(pipeline);
  const found = models.filter(({ schedule }) => pipeline === undefined || schedule === pipeline);
  if (found.length === 0 && !mayBeNone(select)) throw new Failure('nothing is selected');
  return found;
}

function jsonOf({ model, after, load }: Planned): object {
  const { name, relation, kind, schedule, owner, file } = model;
  return { name, relation, kind, schedule, owner, file, after, ...load };
}
