import { redelivery, spoiledHour } from '../plot.ts';
import {
  byAnswering,
  byChanging,
  byIncidents,
  isAbandoned,
  readList,
  readOne,
  readPairs,
  type StoryClaim,
} from '../world.ts';
import { badScene, scenesDuringHold, transactionId, transactionIds } from './scenes.ts';
import { storyIncidents } from './story-incidents.ts';

/**
 * Step 5: the mended file takes the place of the bad one. To be read when the released run has ended and the run of
 * the next hour too, whichever of the two took the rows that had waited.
 */
export const mendedClaims: readonly StoryClaim[] = [
  {
    name: 'decision-audited',
    step: 5,
    says: 'who released the gate, and why, is in the audit log; nothing where nobody had to',
    from: 'Postgres control.decision',
    expected: ({ notes: { decisions } }) =>
      decisions.map(
        ({ decision, verdictId, by, reason }) => `${decision} of ${verdictId} by ${by}: ${reason}`,
      ),
    read: (world) =>
      readList(
        world,
        `select decision || ' of ' || verdict_id || ' by ' || decided_by || ': ' || reason
         from control.decision where workflow_id = $1 order by decision_id`,
        [badScene(world).workflowId],
      ),
    // The log refuses changes, so a line is added.
    falsify: byChanging(
      `insert into control.decision (verdict_id, decision, reason, decided_by, model, workflow_id, run_id)
       values (gen_random_uuid(), 'overrideGate', 'falsified on purpose', 'nobody', 'stg_transactions', $1, '')`,
      (world) => [badScene(world).workflowId],
    ),
  },
  {
    name: 'released-run-completed',
    step: 5,
    says: 'the run that was held ended well, or as abandoned where somebody gave its batch up',
    from: 'Temporal describe run, search attribute WeirGateState',
    expected: ({ notes }) =>
      isAbandoned(notes)
        ? { status: 'FAILED', gateState: 'failed' }
        : { status: 'COMPLETED', gateState: 'passed' },
    read: async (world) => ({ ...(await world.temporal.run(badScene(world).workflowId)) }),
    falsify: byAnswering(() => ({ run: async () => ({ status: 'COMPLETED', gateState: 'held' }) })),
  },
  {
    name: 'mended-hour-published',
    step: 5,
    says: 'silver has every record of the mended file with its store and amount, and no other of that hour',
    from: 'Postgres silver.stg_transactions',
    expected: (world) =>
      redelivery(badScene(world))
        .lines.map((line) => [transactionId(line), storeAndAmount(line)].join(' '))
        .toSorted(),
    read: async (world) => {
      const rows = await readList(
        world,
        `select transaction_id || ' ' || store_id || ' ' || total_amount from silver.stg_transactions
         where transaction_timestamp >= $1::timestamp and transaction_timestamp < $2::timestamp`,
        [badScene(world).hour.start, badScene(world).hour.end],
      );
      return rows.map(String).toSorted();
    },
    falsify: byChanging(
      `update silver.stg_transactions set total_amount = total_amount + 0.01 where transaction_id = $1`,
      (world) => transactionIds([badScene(world)]).slice(0, 1),
    ),
  },
  {
    name: 'incident-resolved',
    step: 5,
    says: 'the incident resolved by itself, and it is still the only one',
    from: 'stand-in GET /api/incidents',
    expected: (world) => [`resolved weir/${world.notes.environment}/stg_transactions/transactions`],
    read: async (world) =>
      (await storyIncidents(world)).map(({ status, dedupKey }) => `${status} ${dedupKey}`),
    falsify: byIncidents((incidents) => incidents.map((one) => ({ ...one, status: 'triggered' }))),
  },
  {
    name: 'later-hours-followed',
    step: 5,
    says: 'the baskets that had waited are in silver',
    from: 'Postgres silver.stg_transactions',
    expected: (world) =>
      Object.fromEntries(scenesDuringHold(world).map(({ hour }) => [hour.name, hour.baskets.length])),
    read: (world) =>
      readPairs(
        world,
        `select to_char(transaction_timestamp, 'YYYY-MM-DD"T"HH24') as name, count(*)::int as value
         from silver.stg_transactions
         where transaction_id = any($1) group by 1 order by 1`,
        [transactionIds(scenesDuringHold(world))],
      ),
    falsify: byChanging('delete from silver.stg_transactions where transaction_id = $1', (world) =>
      transactionIds(scenesDuringHold(world)).slice(0, 1),
    ),
  },
  {
    name: 'bad-rows-kept-retracted',
    step: 5,
    says: 'the bad rows are still in bronze as revision 1, and revision 2 has taken their place',
    from: 'Postgres bronze.raw_transactions, control.retraction',
    expected: (world) => ({
      'revision 1': `${spoiledHour(badScene(world)).lines.length} rows, replaced by 2`,
      'revision 2': `${redelivery(badScene(world)).lines.length} rows`,
    }),
    read: (world) =>
      readPairs(
        world,
        `select 'revision ' || landed._revision as name,
                landed.rows || ' rows' || coalesce(', replaced by ' || retraction.replaced_by, '') as value
         from (select _source, _revision, count(*) as rows from bronze.raw_transactions
               where _source like $1 group by _source, _revision) as landed
         left join control.retraction
           on retraction.file = landed._source and retraction.revision = landed._revision
             and retraction.source like '%raw_transactions'
         order by 1`,
        [`%${badScene(world).hour.name}.jsonl`],
      ),
    falsify: byChanging(
      'delete from bronze.raw_transactions where _source like $1 and _revision = 1',
      (world) => [`%${badScene(world).hour.name}.jsonl`],
    ),
  },
  {
    name: 'nothing-is-held-any-more',
    step: 5,
    says: 'no model is held',
    from: 'Postgres control.lease',
    expected: () => 0,
    read: (world) => readOne(world, `select count(*)::int from control.lease where state = 'held'`),
    falsify: byChanging(
      `insert into control.lease (model, workflow_id, run_id, state) values ('falsified', 'nobody', '', 'held')`,
    ),
  },
];

function storeAndAmount(line: string): string {
  const store = /"store_id":"([^"]*)"/.exec(line)?.[1] ?? '';
  const amount = /"total_amount":"([^"]*)"/.exec(line)?.[1] ?? '';
  return `${store} ${amount}`;
}
