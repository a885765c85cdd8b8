import { sql } from 'kysely';
import type { LoadState } from '../../activities/databases.ts';
import type { Outcome } from '../../expectations/verdict.ts';
import type { Site } from '../site.ts';
import { windowWords } from './window-words.ts';

/** One load of the ledger. */
export interface LoadLine {
  readonly loadId: number;
  readonly state: LoadState;
  readonly pipeline: string;
  readonly workflowId: string;
  readonly runId: string;
  /** What it read, in words. */
  readonly window: string;
  readonly openedAt: Date;
  readonly publishedAt: Date | null;
  readonly rowsRead: number | null;
  readonly inserted: number | null;
  readonly updated: number | null;
  readonly deleted: number | null;
  readonly setAside: number;
  /** Of its gates, the last word of each. */
  readonly verdicts: readonly {
    readonly gate: 'input' | 'output';
    readonly verdictId: string;
    readonly outcome: Outcome;
  }[];
  /** Somebody let it through against its gate. */
  readonly overridden: boolean;
}

type Row = Omit<LoadLine, 'window' | 'verdicts'> & {
  readonly readWindow: unknown;
  readonly verdicts: LoadLine['verdicts'] | null;
};

/** Reads the last loads of a model, the newest first. */
export async function readLastLoads(
  { database }: Site,
  model: string,
  count: number,
): Promise<readonly LoadLine[]> {
  const { rows } = await sql<Row>`
    select l.load_id as "loadId", l.state, l.pipeline, l.workflow_id as "workflowId", l.run_id as "runId",
      l.read_window as "readWindow", l.opened_at as "openedAt", l.published_at as "publishedAt", l.rows_read as "rowsRead",
      l.rows_inserted as inserted, l.rows_updated as updated, l.rows_deleted as deleted, l.rows_quarantined as "setAside",
      l.override_verdict_id is not null as overridden, said.verdicts
    from (select * from control.load as l where l.model = ${model} order by l.load_id desc limit ${count}) as l
    cross join lateral (
      select jsonb_agg(jsonb_build_object('gate', last.gate, 'verdictId', last.verdict_id, 'outcome', last.outcome)
        order by last.gate) as verdicts
      from (
        select distinct on (r.gate) r.gate, r.verdict_id, r.outcome from control.gate_run as r
        where r.load_id = l.load_id order by r.gate, r.evaluation_id desc
      ) as last
    ) as said
    order by l.load_id desc`.execute(database);
  return rows.map(({ readWindow, verdicts, ...row }) => ({
    ...row,
    window: windowWords(readWindow),
    verdicts: verdicts ?? [],
  }));
}
