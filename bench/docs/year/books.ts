import { sql } from 'kysely';
import type { Database } from '../../../activities/databases.ts';

/** What else a year leaves: files that landed, who decided what, who was told, where each model stands. */
export async function fillBooks(admin: Database): Promise<void> {
  await sql`
    insert into control.landing (source, file, revision, content_hash, size_bytes, modified_at, load_sequence, rows_landed,
      rows_rejected, workflow_id, landed_at)
    select source, to_char(slot.starts, 'YYYY-MM-DD-HH24') || '.jsonl', 1, md5(source || slot.no), 400000, slot.starts,
      nextval('control.load_sequence'), 2000 + slot.no % 700, slot.no % 997 / 996, 'hourly-incremental-load-' || slot.no,
      slot.loaded - interval '1 minute'
    from bench.slot as slot cross join bench.source order by slot.no`.execute(admin);
  await sql`
    insert into control.target (model, publishes, sql_hash, load_id, published_at)
    select distinct on (model) model, load_id, sql_hash, load_id, published_at from control.load
    where state = 'published' order by model, load_id desc on conflict (model) do update
      set publishes = excluded.publishes, load_id = excluded.load_id, published_at = excluded.published_at`.execute(
    admin,
  );
  await sql`
    insert into control.watermark (model, relation, snapshot, system_identifier, timeline, load_id, moved_at)
    select target.model, model.reads, '800:800:', '7000000000000000000', 1, target.load_id, target.published_at
    from control.target as target join bench.model as model using (model) where model.reads <> ''`.execute(
    admin,
  );
  await sql`
    insert into control.decision (verdict_id, decision, reason, decided_by, model, load_id, workflow_id, run_id, decided_at)
    select verdict_id, (array['overrideGate', 'retryGate', 'abandon'])[1 + evaluation_id % 3],
      'The senders know of it and send it again tomorrow', 'somebody on call', model, load_id, workflow_id, run_id,
      evaluated_at + interval '25 minutes'
    from control.gate_run where blocks and evaluated_at < now() - interval '2 hours' order by evaluation_id`.execute(
    admin,
  );
  await fillIncidents(admin);
  await sql`
    insert into control.lease (model, workflow_id, run_id, load_id, state, verdict_id, since)
    select model, workflow_id, run_id, load_id, 'held', verdict_id, evaluated_at from control.gate_run
    where blocks order by evaluation_id desc limit 1`.execute(admin);
  await sql`
    update control.load set state = 'staged', published_at = null
    where load_id = (select load_id from control.lease limit 1)`.execute(admin);
}

/** One a gate that has ever failed; that of the last is open. */
async function fillIncidents(admin: Database): Promise<void> {
  await sql`
    insert into control.incident (dedup_key, state, kind, model, suite, verdict_id, workflow_id, run_id, pipeline, opened_at,
      first_failed_at, last_failed_at, resolved_at, last_verdict_id, last_workflow_id, last_run_id, failures, opening, owner, tier,
      relation, summary)
    select 'weir/development/' || run.model || '/' || run.suite,
      case when run.evaluation_id = max(run.evaluation_id) over () then 'open' else 'resolved' end, 'gate', run.model, run.suite,
      run.verdict_id, run.workflow_id, run.run_id, 'hourly', run.evaluated_at, run.evaluated_at, run.evaluated_at,
      case when run.evaluation_id = max(run.evaluation_id) over () then null else run.evaluated_at + interval '40 minutes' end,
      run.verdict_id, run.workflow_id, run.run_id, 1, failed, 'team-1', 1, run.model,
      run.model || ' is held at its ' || run.gate || ' gate: amount between 0 and 100000'
    from (
      select distinct on (model, suite) *, count(*) over (partition by model, suite)::int as failed
      from control.gate_run where blocks order by model, suite, evaluation_id desc
    ) as run`.execute(admin);
}
