import { byAnswering, byChanging, readList, readOne, type StoryClaim } from '../world.ts';
import { brokenExpectations, failedExpectations, heldVerdictId } from './held-gate.ts';
import { badScene, transactionIds } from './scenes.ts';
import { salesSoFar } from './sales-so-far.ts';

/** Step 4, the gate: the bad hour is held and no reader sees any of it. To be read after the hours during the hold ran. */
export const heldClaims: readonly StoryClaim[] = [
  {
    name: 'bad-hour-landed',
    step: 4,
    says: 'every line of the bad hour is in bronze, as it came',
    from: 'Postgres bronze.raw_transactions',
    expected: (world) =>
      badScene(world).deliveries.flatMap(({ file, lines }) => (file.startsWith('transactions/') ? lines : []))
        .length,
    read: (world) =>
      readOne(world, 'select count(*)::int from bronze.raw_transactions where _source like $1', [
        `%${badScene(world).hour.name}.jsonl`,
      ]),
    falsify: byChanging('delete from bronze.raw_transactions where _source like $1', (world) => [
      `%${badScene(world).hour.name}.jsonl`,
    ]),
  },
  {
    name: 'bad-hour-not-in-silver',
    step: 4,
    says: 'nothing of the bad hour is in silver',
    from: 'Postgres silver.stg_transactions',
    expected: () => 0,
    read: (world) =>
      readOne(
        world,
        `select count(*)::int from silver.stg_transactions where transaction_id = any($1) or _source like $2`,
        [transactionIds([badScene(world)]), `%${badScene(world).hour.name}.jsonl`],
      ),
    falsify: byChanging(
      `update silver.stg_transactions set transaction_id = $1
       where ctid = (select min(ctid) from silver.stg_transactions)`,
      (world) => transactionIds([badScene(world)]).slice(0, 1),
    ),
  },
  {
    name: 'bad-hour-not-in-gold',
    step: 4,
    says: 'gold still says what the hours before add up to',
    ...salesSoFar,
    falsify: byChanging(
      `update gold.fct_daily_sales set gross_sales = gross_sales + 250000
       where ctid = (select min(ctid) from gold.fct_daily_sales)`,
    ),
  },
  {
    name: 'four-expectations-named',
    step: 4,
    says: 'the gate names all four troubles and nothing else',
    from: 'Postgres control.gate_result',
    expected: brokenExpectations,
    read: failedExpectations,
    falsify: byChanging(
      `update control.gate_result set result = jsonb_set(result, '{results}', '[]')
       where evaluation_id in (select evaluation_id from control.gate_run where workflow_id = $1)`,
      (world) => [badScene(world).workflowId],
    ),
  },
  {
    name: 'bad-rows-counted',
    step: 4,
    says: 'each trouble is counted row by row',
    from: 'Postgres control.gate_result',
    expected: () => [1, 1, 1, 2],
    read: (world) =>
      readList(
        world,
        `select (expectation -> 'result' ->> 'unexpected_count')::int
         from control.gate_result, jsonb_path_query(result, '$.results[*] ? (@.success == false)') as expectation
         where evaluation_id = (select max(evaluation_id) from control.gate_run where workflow_id = $1 and outcome = 'fail')
         order by 1`,
        [badScene(world).workflowId],
      ),
    falsify: byChanging(
      `update control.gate_result set result = jsonb_set(result, '{results}', '[]')
       where evaluation_id in (select evaluation_id from control.gate_run where workflow_id = $1)`,
      (world) => [badScene(world).workflowId],
    ),
  },
  {
    name: 'run-is-held',
    step: 4,
    says: 'the run of the bad hour waits, and can be found as held',
    from: 'Temporal describe run, search attribute WeirGateState',
    expected: () => ({ status: 'RUNNING', gateState: 'held' }),
    read: async (world) => ({ ...(await world.temporal.run(badScene(world).workflowId)) }),
    falsify: byAnswering(() => ({ run: async () => ({ status: 'RUNNING', gateState: 'running' }) })),
  },
  {
    name: 'lease-says-held',
    step: 4,
    says: 'the model is held in the name of that run',
    from: 'Postgres control.lease',
    expected: (world) => [`held by ${badScene(world).workflowId}`],
    read: (world) =>
      readList(
        world,
        `select state || ' by ' || workflow_id from control.lease where model = 'stg_transactions'`,
      ),
    falsify: byChanging(`delete from control.lease where model = 'stg_transactions'`),
  },
  {
    name: 'ui-shows-held',
    step: 4,
    says: "the run's page in the UI says HELD, has a row for each failing expectation and the JSON to paste",
    from: 'Temporal query __temporal_workflow_metadata (current details)',
    expected: (world) => ['HELD', ...brokenTypes(world), 'reloadAndRetry', 'the verdict id'],
    read: async (world) => {
      const details = await world.temporal.details(badScene(world).workflowId);
      const rows = details.split('\n').filter((line) => line.startsWith('|'));
      const hasVerdict = details.includes(await heldVerdictId(world));
      return [
        ...(details.includes('HELD') ? ['HELD'] : []),
        ...brokenTypes(world).filter((type) => rows.some((row) => row.includes(type))),
        ...(rows.some((row) => row.includes('reloadAndRetry')) ? ['reloadAndRetry'] : []),
        ...(hasVerdict ? ['the verdict id'] : []),
      ];
    },
    falsify: byAnswering((temporal) => ({
      details: async (id) => (await temporal.details(id)).replaceAll('expect_column_values_to_be_unique', ''),
    })),
  },
];

function brokenTypes(world: Parameters<typeof brokenExpectations>[0]): readonly string[] {
  return brokenExpectations(world).map((name) => name.replace(/\(.*/, ''));
}
