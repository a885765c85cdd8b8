import { malformedLines } from '../plot.ts';
import { byAnswering, byChanging, readList, readOne, type StoryClaim, type World } from '../world.ts';
import { countBaskets, countMovements, scenesBefore, transactionsPattern } from './scenes.ts';
import { salesSoFar } from './sales-so-far.ts';

/** The stations that the time line of an hour's run shows for stg_transactions, in order. */
const walk = ['extract', 'open', 'gate', 'stage', 'gate', 'publish'];

/** Hours told before the bad one that have no basket, by name. */
function emptyHours(world: World): readonly string[] {
  return scenesBefore(world)
    .filter(({ hour }) => hour.baskets.length === 0)
    .map(({ hour }) => hour.name);
}

/** A run of an ordinary hour with baskets: the first of the story. */
function ordinaryRun(world: World): string {
  const scene = scenesBefore(world).find(({ hour, role }) => role === 'ordinary' && hour.baskets.length > 0);
  if (!scene) throw new Error('no ordinary hour was told yet');
  return scene.workflowId;
}

/** Step 3: hours land as files and are published; to be read before the bad hour lands. */
export const hourClaims: readonly StoryClaim[] = [
  {
    name: 'hourly-runs-completed',
    step: 3,
    says: 'each hour was one run of hourlyIncrementalLoad that ended well',
    from: 'Temporal describe each run',
    expected: (world) => ({ COMPLETED: scenesBefore(world).length }),
    read: async (world) => {
      const runs = await Promise.all(
        scenesBefore(world).map(({ workflowId }) => world.temporal.run(workflowId)),
      );
      const groups = Map.groupBy(runs, ({ status }) => status);
      return Object.fromEntries([...groups].map(([status, group]) => [status, group.length]));
    },
    falsify: (world) => {
      const first = scenesBefore(world)[0]?.workflowId;
      return byAnswering((temporal) => ({
        run: async (id) => (id === first ? { status: 'FAILED', gateState: null } : temporal.run(id)),
      }))(world);
    },
  },
  {
    name: 'timeline-tells-the-walk',
    step: 3,
    says: "an hour's run shows every station of stg_transactions in its time line",
    from: 'Temporal history, activity summaries',
    expected: () => walk,
    read: async (world) =>
      (await world.temporal.summaries(ordinaryRun(world)))
        .filter((summary) => /\b(?:raw|stg)_transactions\b/.test(summary))
        .map((summary) => summary.split(' ')[0] ?? ''),
    falsify: byAnswering((temporal) => ({
      summaries: async (id) =>
        (await temporal.summaries(id)).filter((summary) => !summary.startsWith('publish')),
    })),
  },
  {
    name: 'baskets-landed',
    step: 3,
    says: 'every basket of the files is in bronze once',
    from: 'Postgres bronze.raw_transactions',
    expected: (world) => countBaskets(scenesBefore(world)),
    read: (world) => readOne(world, 'select count(*)::int from bronze.raw_transactions'),
    falsify: byChanging(
      'delete from bronze.raw_transactions where ctid = (select min(ctid) from bronze.raw_transactions)',
    ),
  },
  {
    name: 'baskets-published',
    step: 3,
    says: 'every basket of the files is in silver once',
    from: 'Postgres silver.stg_transactions',
    expected: (world) => countBaskets(scenesBefore(world)),
    read: (world) =>
      readOne(world, 'select count(distinct transaction_id)::int from silver.stg_transactions'),
    falsify: byChanging(
      'delete from silver.stg_transactions where ctid = (select min(ctid) from silver.stg_transactions)',
    ),
  },
  {
    name: 'movements-published',
    step: 3,
    says: 'every movement of the files is in silver, in a model that does not wait for transactions',
    from: 'Postgres silver.stg_pos_events',
    expected: (world) => countMovements(scenesBefore(world)),
    read: (world) => readOne(world, 'select count(*)::int from silver.stg_pos_events'),
    falsify: byChanging(
      'delete from silver.stg_pos_events where ctid = (select min(ctid) from silver.stg_pos_events)',
    ),
  },
  {
    name: 'days-published',
    step: 3,
    says: 'gold has the gross sales of every store and day so far',
    ...salesSoFar,
    falsify: byChanging(
      `update gold.fct_daily_sales set gross_sales = gross_sales + 0.01
       where ctid = (select min(ctid) from gold.fct_daily_sales)`,
    ),
  },
  {
    name: 'malformed-lines-kept',
    step: 3,
    says: 'lines that are no records are in quarantine, with file, line, reason and text',
    from: 'Postgres control.quarantine',
    expected: (world) =>
      scenesBefore(world).flatMap((scene) =>
        malformedLines(scene).map(
          ({ line, text }) => `${scene.hour.name}.jsonl line ${line}, with a reason: ${text}`,
        ),
      ),
    read: (world) =>
      readList(
        world,
        `select regexp_replace(file, '^.*/', '') || ' line ' || position
                || case when reason = '' then ', without a reason: ' else ', with a reason: ' end || coalesce(record, '')
         from control.quarantine where relation like '%raw_transactions' order by file, position`,
      ),
    falsify: byChanging(
      'delete from control.quarantine where ctid = (select min(ctid) from control.quarantine)',
    ),
  },
  {
    name: 'hours-without-baskets-are-empty-windows',
    step: 3,
    says: 'an hour without a basket moves the watermark and asks no gate',
    from: 'Postgres control.load, control.gate_run',
    expected: (world) => emptyHours(world),
    read: async (world) => {
      const ids = await readList(
        world,
        `select load.workflow_id from control.load
         where load.model = 'stg_transactions' and load.state = 'empty'
           and not exists (select from control.gate_run where gate_run.load_id = load.load_id)
         order by load.as_of`,
      );
      return ids.map((id) => world.notes.told.find(({ workflowId }) => workflowId === id)?.hour.name ?? id);
    },
    falsify: byChanging(
      `update control.load set state = 'abandoned' where model = 'stg_transactions' and state = 'empty'`,
    ),
  },
  {
    name: 'nothing-published-past-a-gate',
    step: 3,
    says: 'every published load passed each gate it was asked at, and was asked at one at least',
    from: 'Postgres control.load, control.gate_run',
    expected: () => 0,
    read: (world) =>
      readOne(
        world,
        `select count(*)::int from control.load
         where state = 'published' and rows_staged > 0 and not coalesce(
           (select bool_and(last.outcome in ('pass', 'warn')) from (
              select distinct on (gate) outcome from control.gate_run
              where gate_run.load_id = load.load_id order by gate, evaluation_id desc) as last), false)`,
      ),
    falsify: byChanging(
      `update control.gate_run set outcome = 'fail'
       where load_id = (select max(load_id) from control.load where state = 'published' and rows_staged > 0)`,
    ),
  },
  {
    name: 'malformed-hour-published',
    step: 3,
    says: 'the good lines of the hour with malformed ones are in silver',
    from: 'Postgres silver.stg_transactions',
    expected: (world) => countBaskets(scenesBefore(world).filter(({ role }) => role === 'malformed')),
    read: (world) =>
      readOne(world, 'select count(*)::int from silver.stg_transactions where _source like any($1)', [
        scenesBefore(world)
          .filter(({ role }) => role === 'malformed')
          .map(transactionsPattern),
      ]),
    falsify: byChanging('delete from silver.stg_transactions where _source like any($1)', (world) => [
      scenesBefore(world)
        .filter(({ role }) => role === 'malformed')
        .map(transactionsPattern),
    ]),
  },
];
