import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { compileBroken } from '../../expectations/compile-broken.ts';
import type { AskableEntry, Batch } from '../../expectations/compile.ts';
import { promiseWords } from '../../expectations/judge.ts';
import type { Gate } from '../../expectations/verdict.ts';
import { versionColumns } from '../../models/model.ts';
import { columnsOf, sameKey } from '../../models/statements/columns.ts';
import type { DatabaseTransaction } from '../databases.ts';
import type { LoadRow } from '../load.ts';
import type { RunRef } from '../run-ref.ts';

/** What is written beside each row. */
export interface QuarantineNote {
  readonly load: LoadRow;
  readonly gate: Gate;
  readonly suite: string;
  readonly verdictId: string;
  readonly evaluationId: number;
  readonly run: RunRef;
}

/** What went aside. */
export interface SetAside {
  /** Rows of the batch as the gate counted them. */
  readonly broken: number;
  /** With every delivery of a record that was delivered several times. */
  readonly rows: number;
}

/**
 * Sets the rows aside that break any of some expectations: each whole, with the reason and the run. At an output gate
 * they leave the candidate in the same statement; at an input gate they stay where they landed, and the load leaves them
 * out from here on.
 *
 * @param batch as the gate read it.
 */
export async function setAside(
  trx: DatabaseTransaction,
  entries: readonly AskableEntry[],
  batch: Batch,
  note: QuarantineNote,
): Promise<SetAside> {
  const statement = note.gate === 'output' ? moveOut(entries, batch, note) : noteDown(entries, batch, note);
  const { rows } = (await statement?.execute(trx)) ?? { rows: [] };
  return rows[0] ?? { broken: 0, rows: 0 };
}

function moveOut(
  entries: readonly AskableEntry[],
  batch: Batch,
  note: QuarantineNote,
): RawBuilder<SetAside> | null {
  const broken = compileBroken(entries, batch, ['ctid']);
  if (broken === null) return null;
  const candidate = sql.id(...batch.relation);
  return sql<SetAside>`
    with judged as materialized (${broken}),
    gone as (
      delete from ${candidate} as c using judged as j where c.ctid = j.ctid
      returning to_jsonb(c.*) as record, j.broken
    ),
    kept as (
      insert into control.batch_quarantine (record, expectations, reason, ${noteColumns})
      select g.record, g.broken, ${reasonOf('g', entries)}, ${noteValues(note)} from gone as g
      returning 1
    )
    select (select count(*) from judged) as broken, (select count(*) from kept) as rows`;
}

/** A record that was delivered several times, byte for byte, goes aside with every delivery. */
function noteDown(
  entries: readonly AskableEntry[],
  batch: Batch,
  note: QuarantineNote,
): RawBuilder<SetAside> | null {
  const identity = batch.collapse === null ? versionColumns : [batch.collapse];
  const broken = compileBroken(entries, batch, identity);
  if (broken === null) return null;
  const asked = batch.where === undefined ? sql`true` : batch.where;
  return sql<SetAside>`
    with judged as materialized (${broken}),
    kept as (
      insert into control.batch_quarantine (record, expectations, reason, ${noteColumns}, ${places})
      select to_jsonb(d.*), j.broken, ${reasonOf('j', entries)}, ${noteValues(note)}, ${columnsOf('d', versionColumns)}
      from (select * from ${sql.id(...batch.relation)} where ${asked}) as d join judged as j on ${sameKey('d', 'j', identity)}
      returning 1
    )
    select (select count(*) from judged) as broken, (select count(*) from kept) as rows`;
}

const places = sql.join(versionColumns.map((name) => sql.id(name)));

const noteColumns = sql`load_id, attempt, model, gate, suite, verdict_id, evaluation_id, workflow_id, run_id`;

function noteValues({ load, gate, suite, verdictId, evaluationId, run }: QuarantineNote) {
  return sql`${load.loadId}::bigint, ${load.attempt}::integer, ${load.model}, ${gate}, ${suite}, ${verdictId}::uuid,
    ${evaluationId}::bigint, ${run.workflowId}, ${run.runId}`;
}

/** The promises that a row breaks, in words: by their places, so that each is said once and not once a row. */
function reasonOf(alias: string, entries: readonly AskableEntry[]) {
  const words = Object.fromEntries(entries.map((entry) => [entry.expectation.index, promiseWords(entry)]));
  return sql`(
    select string_agg(${JSON.stringify(words)}::jsonb ->> place::text, '; ' order by place)
    from unnest(${sql.ref(`${alias}.broken`)}) as place
  )`;
}
