import { sql } from 'kysely';
import type { PastFigure } from '../../expectations/batch-context.ts';
import { isAskable } from '../../expectations/compile.ts';
import type { JudgedEntry } from '../../expectations/judge.ts';
import { conditionText } from '../../expectations/row-condition.ts';
import { figureName } from '../../expectations/scan.ts';
import type { Gate } from '../../expectations/verdict.ts';
import type { Database } from '../databases.ts';

/** Counts and shares that an evaluation came to, by name. */
export type Figures = Readonly<Record<string, number>>;

/** What later evaluations can learn from this one; the number of rows always, so that a promise made later has a past. */
export function figuresOf(judged: readonly JudgedEntry[], rows: number): Figures {
  const learned = judged.flatMap(({ entry, judgement }) => {
    const figure = judgement?.figure ?? null;
    if (figure === null || !isAskable(entry) || entry.bound.learns === null) return [];
    const name = figureName(entry.bound.learns, conditionText(entry.expectation.condition));
    return [[name, figure] as const];
  });
  return { rows, ...Object.fromEntries(learned) };
}

/** Longest that a promise can learn from. */
const MOST_WEEKS = 52;

/**
 * What a gate's figures came to in the same hour of the week (UTC) as a load's, by the start of its data interval, else
 * its as-of time. Only loads that passed or were published teach, each by its last evaluation; of several loads of one
 * hour the one with the most rows does, so that a replay does not count twice nor an afterthought for the hour. A rebuild teaches nothing of an hour.
 */
export async function readPastFigures(
  loader: Database,
  of: { readonly loadId: number; readonly model: string; readonly gate: Gate },
): Promise<ReadonlyMap<string, readonly PastFigure[]>> {
  const { rows } = await sql<PastFigure & { readonly name: string }>`
    with evaluated as (
      select f.name, f.figure, f.evaluation_id, f.load_id, ago.weeks,
        max(f.evaluation_id) over (partition by f.load_id) as last_id
      from control.load as own
      cross join generate_series(1, ${MOST_WEEKS}::int) as ago (weeks)
      join control.gate_figure as f on f.model = ${of.model} and f.gate = ${of.gate}
        and f.slot = date_trunc('hour', coalesce(own.interval_start, own.as_of), 'UTC') - make_interval(weeks => ago.weeks)
      where own.load_id = ${of.loadId}
    )
    select distinct on (e.weeks, e.name) e.name, e.figure, e.weeks as "weeksAgo"
    from evaluated as e
    join control.gate_run as run on run.evaluation_id = e.evaluation_id
    join control.load as load on load.load_id = e.load_id
    where e.evaluation_id = e.last_id and not load.read_window ? 'rebuild' and (run.outcome in ('pass', 'warn') or load.state = 'published')
    order by e.weeks, e.name, run.rows_checked desc, e.evaluation_id desc`.execute(loader);
  const past = new Map<string, PastFigure[]>();
  for (const { name, weeksAgo, figure } of rows)
    past.set(name, [...(past.get(name) ?? []), { weeksAgo, figure }]);
  return past;
}

/** Keeps the figures of an evaluation, in the transaction that stores its verdict. */
export async function writeFigures(
  trx: Database,
  of: {
    readonly evaluationId: number;
    readonly loadId: number;
    readonly model: string;
    readonly gate: Gate;
    readonly figures: Figures;
  },
): Promise<void> {
  await sql`
    insert into control.gate_figure (evaluation_id, name, figure, load_id, model, gate, slot)
    select ${of.evaluationId}::bigint, given.name, given.figure, load.load_id, ${of.model}, ${of.gate},
      date_trunc('hour', coalesce(load.interval_start, load.as_of), 'UTC')
    from unnest(${Object.keys(of.figures)}::text[], ${Object.values(of.figures)}::float8[]) as given (name, figure)
    cross join control.load as load
    where load.load_id = ${of.loadId}`.execute(trx);
}
