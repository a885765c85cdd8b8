import { sql } from 'kysely';
import type { Database } from '../databases.ts';
import type { ObjectiveAlarmTable } from '../tables/objectives.ts';

export type ObjectiveAlarm = ObjectiveAlarmTable['alarm'];

/** What burns or is silent, or has ended to, and whether on-call was told. */
export interface AlarmRow {
  readonly alarm: ObjectiveAlarm;
  readonly subject: string;
  /** Another one each time that it begins or ends. */
  readonly alarmId: number;
  readonly state: 'raised' | 'cleared';
  readonly severity: 'critical' | 'error' | 'warning';
  /** When it began to be so. */
  readonly since: Date;
  /** The dedup key of the incident that explained it; null where none did. */
  readonly because: string | null;
  readonly told: boolean;
}

/** One that begins or ends now. */
export type AlarmChange = Omit<AlarmRow, 'alarmId' | 'told'>;

/** What there is an alarm about: `freshness stg_transactions`. */
export function alarmName({ alarm, subject }: Pick<AlarmRow, 'alarm' | 'subject'>): string {
  return `${alarm} ${subject}`;
}

/** All that were ever raised, by name. */
export async function readAlarms(db: Database): Promise<ReadonlyMap<string, AlarmRow>> {
  const { rows } = await sql<AlarmRow>`
    select alarm, subject, alarm_id as "alarmId", state, severity, since, because, told
    from control.objective_alarm order by alarm_id`.execute(db);
  return new Map(rows.map((row) => [alarmName(row), row]));
}

/** Notes what begins and ends, to be told of. In the order given. */
export async function changeAlarms(db: Database, changes: readonly AlarmChange[]): Promise<void> {
  for (const { alarm, subject, state, severity, since, because } of changes)
    await sql`
      insert into control.objective_alarm as a (alarm, subject, state, severity, since, because)
      values (${alarm}, ${subject}, ${state}, ${severity}, ${since}, ${because})
      on conflict (alarm, subject) do update set alarm_id = default, state = excluded.state, severity = excluded.severity,
        since = excluded.since, because = excluded.because, changed_at = excluded.changed_at, told = false`.execute(
      db,
    );
}

/** Notes that on-call was told. What has changed since keeps its news. */
export async function noteTold(db: Database, alarmIds: readonly number[]): Promise<void> {
  if (alarmIds.length === 0) return;
  await sql`update control.objective_alarm set told = true where alarm_id = any (${[...alarmIds]}::bigint[])`.execute(
    db,
  );
}

/**
 * Takes what belongs to models, pipelines and sources that are no more: what is promised, and alarms that on-call knows to
 * have ended.
 */
export async function forgetOthers(
  db: Database,
  subjects: Readonly<Record<'freshness' | 'availability' | 'sourceSilent', readonly string[]>>,
): Promise<void> {
  for (const kind of ['freshness', 'availability'] as const)
    await sql`
      delete from control.objective_promise where kind = ${kind} and subject <> all (${[...subjects[kind]]}::text[])`.execute(
      db,
    );
  for (const alarm of ['freshness', 'availability', 'sourceSilent'] as const)
    await sql`
      delete from control.objective_alarm
      where alarm = ${alarm} and state = 'cleared' and told and subject <> all (${[...subjects[alarm]]}::text[])`.execute(
      db,
    );
}

/** One look at what is promised and how it stands: the view `control.objective`, by kind and subject. */
export interface Standing {
  readonly kind: 'freshness' | 'availability';
  readonly subject: string;
  readonly target: number;
  readonly objectiveSeconds: number;
  readonly unitSeconds: number;
  readonly good: number;
  readonly bad: number;
  readonly unmeasured: number;
  /** Share of 30 days; null before the first sample. */
  readonly met: number | null;
  /** Share of what may go wrong in 30 days; below 0 it is overspent; null where nothing may and something did. */
  readonly budgetLeft: number | null;
}

/** Reads how every objective stands, by name. */
export async function readStandings(db: Database): Promise<ReadonlyMap<string, Standing>> {
  const { rows } = await sql<Standing>`
    select kind, subject, target, objective_seconds as "objectiveSeconds", unit_seconds as "unitSeconds", good, bad,
      unmeasured, met_30d as met, budget_left as "budgetLeft"
    from control.objective order by kind, subject`.execute(db);
  return new Map(rows.map((row) => [`${row.kind} ${row.subject}`, row]));
}
