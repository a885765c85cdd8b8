import { listed, qualified, quoted } from './relation-name.ts';
import type { Column } from './relation-name.ts';

/** What the view `delta.<name>` is made of. */
export interface DeltaRelation {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Column[];
  /** What windows by event time read; null: such a window finds nothing here. */
  readonly timeColumn: string | null;
  /** Rows come from files whose revisions can be retracted. */
  readonly retractable: boolean;
  /** `changes.<name>` keeps its old images. */
  readonly hasChanges: boolean;
}

/**
 * The SELECT of `delta.<name>`: the rows of the session's window, or every row where no window is set. Retracted
 * revisions are in none of it.
 *
 * A window by arrival is two branches so that each is a range of the index on `_xid`: what began after the old snapshot,
 * and what was in flight at it. One predicate over both costs 12 s where this costs 0.3 s (417,000 of 10 million rows,
 * generic plan). Settings are read by stable functions, so branches that do not apply are never executed.
 *
 * With `weir.touched` = `on` the old images of rows that were updated or deleted within the window are shown too, so
 * that a touched query sees the key a row had before.
 */
export function deltaView(relation: DeltaRelation): string {
  const table = qualified(relation.schema, relation.name);
  const branches = [
    branch(relation, table, everyRow(relation.name)),
    branch(relation, table, arrivedSince(relation.name)),
    branch(relation, table, wasInFlight(relation.name)),
  ];
  const interval = inInterval(relation);
  if (interval !== null) branches.push(branch(relation, table, interval));
  if (relation.hasChanges) {
    const changes = qualified('changes', relation.name);
    const touched = `current_setting('weir.touched', true) = 'on'`;
    branches.push(
      branch(relation, changes, [touched, ...arrivedSince(relation.name)]),
      branch(relation, changes, [touched, ...wasInFlight(relation.name)]),
    );
  }
  return branches.join('\nunion all\n');
}

function branch(relation: DeltaRelation, table: string, conditions: readonly string[]): string {
  const columns = listed(
    relation.columns.map((column) => column.name),
    't',
  );
  const all = relation.retractable ? [...conditions, notRetracted(relation.name)] : conditions;
  return `select ${columns}\nfrom ${table} as t\nwhere ${all.join('\n  and ')}`;
}

function everyRow(name: string): readonly string[] {
  const unset = `nullif(${setting(name, 'mode')}, '') is null`;
  // The first condition decides; the second says the same in words that the planner can estimate: no rows in a window.
  return [unset, `t._xid >= case when ${unset} then '0'::xid8 else '18446744073709551615'::xid8 end`];
}

function arrivedSince(name: string): readonly string[] {
  return [
    `${setting(name, 'mode')} = 'arrival'`,
    `t._xid >= coalesce(${value(name, 'from_xmax', 'xid8')}, '0'::xid8)`,
    ...seen(name),
  ];
}

function wasInFlight(name: string): readonly string[] {
  return [
    `${setting(name, 'mode')} = 'arrival'`,
    `t._xid = any (${xids(name, 'from_xip')})`,
    `t._xid < ${value(name, 'from_xmax', 'xid8')}`,
    notInFlightNow(name),
  ];
}

function seen(name: string): readonly string[] {
  return [`t._xid < ${value(name, 'to_xmax', 'xid8')}`, notInFlightNow(name)];
}

/**
 * Asked of each row, so settings are read once, by subqueries. That nothing was in flight comes first: then no row is
 * compared, and the planner, which cannot see into the list, does not take it for one that leaves hardly a row.
 */
function notInFlightNow(name: string): string {
  const list = xids(name, 'to_xip');
  return `((select ${list} = '{}') or t._xid <> all ((select ${list})::xid8[]))`;
}

/**
 * Bounds by subqueries, read once: no index on the time column is to be expected, so every row is asked. The planner
 * cannot see into them, and would take this branch for some rows of every window by arrival: what stands before them
 * says that there are none, in words that it can estimate.
 */
function inInterval({ name, columns, timeColumn }: DeltaRelation): readonly string[] | null {
  if (timeColumn === null) return null;
  const type = columns.find((column) => column.name === timeColumn)?.type;
  if (type === undefined) return null;
  const bound = (which: 'start' | 'end'): string => {
    const instant = value(name, which, 'timestamptz');
    return `(select ${type === 'timestamp with time zone' ? instant : `${instant} at time zone 'UTC'`})`;
  };
  const column = `t.${quoted(timeColumn)}`;
  const isInterval = `${setting(name, 'mode')} = 'interval'`;
  return [
    isInterval,
    `t._xid < case when ${isInterval} then ${value(name, 'to_xmax', 'xid8')} else '0'::xid8 end`,
    notInFlightNow(name),
    `${column} >= ${bound('start')}`,
    `${column} < ${bound('end')}`,
  ];
}

/**
 * Asked of each row only where anything of the source was retracted at all, which is looked up once. By NOT IN, which is
 * hashed: of NOT EXISTS after an OR the planner makes two plans to choose from, and then reads by one process alone.
 * Neither side is ever NULL.
 */
function notRetracted(name: string): string {
  const of = `from control.retraction as r where r.source = '${checked(name)}'`;
  return `(not (select exists (select ${of})) or (t._source, t._revision) not in (select r.file, r.revision ${of}))`;
}

function setting(name: string, which: string): string {
  return `current_setting('weir.${checked(name)}.${which}', true)`;
}

function value(name: string, which: string, type: string): string {
  return `nullif(${setting(name, which)}, '')::${type}`;
}

function xids(name: string, which: string): string {
  return `coalesce(${value(name, which, 'xid8[]')}, '{}'::xid8[])`;
}

function checked(name: string): string {
  quoted(name); // throws for a name that could leave its quotes
  return name;
}
