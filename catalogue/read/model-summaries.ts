import { sql } from 'kysely';
import type { Outcome } from '../../expectations/verdict.ts';
import type { Site } from '../site.ts';

/** What was loaded of a model last, or delivered to a source. */
export interface LastRows {
  readonly at: Date;
  /** Rows that a publish wrote, taken away included, or that landed with a file. */
  readonly rows: number;
}

/** What a gate said last. */
export interface LastVerdict {
  readonly model: string;
  readonly gate: 'input' | 'output';
  readonly suite: string;
  readonly verdictId: string;
  readonly outcome: Outcome;
  readonly failed: number;
  readonly evaluated: number;
  readonly rows: number | null;
  readonly at: Date;
}

/** What a list of models says of each. */
export interface ModelSummaries {
  readonly lastRows: ReadonlyMap<string, LastRows>;
  readonly verdicts: ReadonlyMap<string, readonly LastVerdict[]>;
}

/** Reads the last load and the last verdicts of models: a row of an index each, whatever the length of the ledger. */
export async function readModelSummaries(
  { database }: Site,
  models: readonly string[],
): Promise<ModelSummaries> {
  const names = [...models];
  const [rows, verdicts] = await Promise.all([
    sql<{ readonly model: string } & LastRows>`
      select asked.model, newest.at, newest.rows from unnest(${names}::text[]) as asked (model)
      cross join lateral (
        (select l.published_at as at,
            coalesce(l.rows_inserted, 0) + coalesce(l.rows_updated, 0) + coalesce(l.rows_deleted, 0) as rows
          -- No =, which would let the index on load_id alone be read back to the last load of a model that has none.
          from control.load as l where l.model >= asked.model and l.model <= asked.model and l.state = 'published'
          order by l.model desc, l.load_id desc limit 1)
        union all
        (select n.landed_at, n.rows_landed from control.landing as n where n.source = asked.model
          order by n.landed_at desc limit 1)
        limit 1
      ) as newest`.execute(database),
    sql<LastVerdict>`
      select asked.model, gates.gate, last.* from unnest(${names}::text[]) as asked (model)
      cross join (values ('input'), ('output')) as gates (gate)
      cross join lateral (
        select r.suite, r.verdict_id as "verdictId", r.outcome, r.expectations_failed as failed,
          r.expectations_evaluated as evaluated, r.rows_checked as rows, r.evaluated_at as at
        from control.gate_run as r
        where r.model >= asked.model and r.model <= asked.model and r.gate >= gates.gate and r.gate <= gates.gate
        order by r.model desc, r.gate desc, r.evaluation_id desc limit 1
      ) as last`.execute(database),
  ]);
  return {
    lastRows: new Map(rows.rows.map(({ model, ...rest }) => [model, rest])),
    verdicts: Map.groupBy(verdicts.rows, ({ model }) => model),
  };
}
