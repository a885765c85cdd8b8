import { sql } from 'kysely';
import type { Database } from '../../../activities/databases.ts';

/** Hashes of an evaluation's number below these, of 10,000, end so. */
const FAILED = 6;
const WARNED = 60;
const ERRORED = 61;

/** A load of each model and an evaluation of each gate, every hour, or every day at 0 o'clock. */
export async function fillLoads(admin: Database): Promise<void> {
  // Foreign keys would be looked up two million times.
  await sql`set session_replication_role = replica`.execute(admin);
  await sql`
    insert into control.load (load_id, model, pipeline, workflow_id, run_id, state, attempt, read_window, is_empty,
      system_identifier, timeline, as_of, rows_read, rows_staged, rows_inserted, rows_updated, rows_unchanged, rows_deleted,
      sql_hash, opened_at, staged_at, published_at, slot_end)
    overriding system value
    select made.load_id, made.model, made.schedule, made.run, md5(made.run), case when dice < 200 then 'empty' else 'published' end, 1,
      jsonb_build_object('kind', 'arrival', 'deltas', jsonb_build_object(made.reads,
        jsonb_build_object('from', format('%s:%s:', 700 + slot, 700 + slot), 'to', format('%s:%s:', 800 + slot, 800 + slot)))),
      dice < 200, '7000000000000000000', 1, starts, rows, rows, rows - dice % 90, dice % 90, 0, 0, md5(made.model),
      loaded, loaded + seconds * interval '0.6 seconds', loaded + seconds * interval '1 second', starts + interval '1 hour'
    from (
      select slot.no::bigint * (select count(*) from bench.model) + model.no + 1 as load_id, model.model, model.schedule,
        model.reads, slot.no as slot, slot.starts, slot.loaded + model.no * interval '2 seconds' as loaded,
        model.schedule || '-incremental-load-' || to_char(slot.starts, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as run,
        (2000 + 1500 * sin(2 * pi() * slot.no / 24) + hashint4(slot.no * 1009 + model.no) % 300)::bigint as rows,
        abs(hashint4(slot.no * 1013 + model.no)::bigint) % 10000 as dice,
        4 + abs(hashint4(slot.no * 1019 + model.no)::bigint) % 40 as seconds
      from bench.slot as slot join bench.model as model on model.schedule = 'hourly' or slot.no % 24 = 0
    ) as made order by load_id`.execute(admin);
  await fillGateRuns(admin);
  await sql`set session_replication_role = default`.execute(admin);
  for (const [table, column] of [
    ['load', 'load_id'],
    ['gate_run', 'evaluation_id'],
  ] as const)
    await sql`select setval(pg_get_serial_sequence(${`control.${table}`}, ${column}), (select max(${sql.ref(column)}) from ${sql.table(`control.${table}`)}))`.execute(
      admin,
    );
  await sql`analyze control.load, control.gate_run`.execute(admin);
}

/** The third gate holds its model in the last hour. */
async function fillGateRuns(admin: Database): Promise<void> {
  await sql`
    insert into control.gate_run (evaluation_id, verdict_id, load_id, model, gate, suite, suite_hash, outcome, rows_checked,
      expectations_evaluated, expectations_failed, as_of, workflow_id, run_id, evaluated_at, blocks, attempt, broken, reason)
    overriding system value
    select evaluation_id, md5(evaluation_id::text)::uuid, load.load_id, made.model, made.gate, made.suite, made.hash, outcome,
      load.rows_read, case when outcome = 'error' then 0 else 6 end, (outcome in ('warn', 'fail'))::int, load.as_of,
      load.workflow_id, load.run_id, load.opened_at + case made.gate when 'input' then interval '1 second' else interval '3 seconds' end,
      outcome in ('fail', 'error'), 1,
      case outcome when 'fail' then '{critical amount: amount between 0 and 100000 (mostly 0.999)}'::text[]
        when 'warn' then '{warning amount: mean of amount between 20 and 60}'::text[] else '{}' end,
      case when outcome = 'error' then 'the statement was cancelled: it took longer than 5 minutes' end
    from (
      select rolled.*, case when dice < ${FAILED} then 'fail' when dice < ${WARNED} then 'warn'
        when dice < ${ERRORED} then 'error' else 'pass' end as outcome
      from (
        select slot.no::bigint * (select count(*) from bench.gate) + gate.no + 1 as evaluation_id,
          slot.no::bigint * (select count(*) from bench.model) + model.no + 1 as load_id, gate.model, gate.gate, gate.suite, gate.hash,
          case when gate.no = 2 and slot.no = (select max(no) from bench.slot) then 0
            else abs(hashint4(slot.no * 2003 + gate.no)::bigint) % 10000 end as dice
        from bench.slot as slot join bench.gate as gate on gate.schedule = 'hourly' or slot.no % 24 = 0
        join bench.model as model on model.model = gate.model
      ) as rolled
    ) as made
    join control.load as load on load.load_id = made.load_id
    order by evaluation_id`.execute(admin);
}
