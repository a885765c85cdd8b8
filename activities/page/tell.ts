import type { DatabaseTransaction, Databases } from '../databases.ts';
import type { PageEvent } from '../notifiers/notifier.ts';
import { clearFailures } from './clear-failures.ts';
import { isLouder, umbrellaOf } from './fold.ts';
import { handOver, isAtWork, type HandOverDeps } from './hand-over.ts';
import {
  countFailure,
  isKnown,
  lockIncident,
  membersOf,
  openIncident,
  openIncidents,
  setIncident,
  type Failed,
  type Incident,
} from './incident-row.ts';
import type { PageGraph } from './lineage.ts';
import { lockPages } from './lock-pages.ts';
import { standing, stormOver, type Happened } from './storm-event.ts';

/** Who writes incidents down and hands their events over. */
export interface TellDeps extends HandOverDeps {
  readonly databases: Pick<Databases, 'loader'>;
  /** Names this installation in dedup keys. */
  readonly environment: string;
}

/** How a failure is told of, beside what it is. */
export interface Telling {
  readonly graph: PageGraph;
  /** Dedup key of an incident that explains it. */
  readonly because: string | null;
  /** Whether its verdict is one that a person decides about: another one is another thing to press. */
  readonly pressed: boolean;
}

/**
 * Writes a failure down and tells on-call what is new about it: one that opens an incident, one that is added to
 * another's, or what a person has to know or press differently. Else it is only counted.
 *
 * All of it is one transaction that no other page of the installation runs beside: who joins whom is decided once, and
 * events are handed over in the order of their rows. What is handed over and not committed is handed over again under
 * the same event id, which the incident's workflow sends once.
 *
 * @returns the key of the incident that tells of it; null for what was told and answered for before.
 */
export async function tellFailure(deps: TellDeps, failed: Failed, telling: Telling): Promise<string | null> {
  return await deps.databases.loader.transaction().execute(async (transaction) => {
    const now = await lockPages(transaction, deps.environment);
    const before = await lockIncident(transaction, failed.dedupKey);
    const known = await isKnown(transaction, failed);
    if (before?.state === 'open')
      return known ? headKey(before) : await tellRepeat({ deps, transaction, now }, before, failed, telling);
    if (known) return null;
    return await tellNew({ deps, transaction, now }, before, failed, telling);
  });
}

interface Turn {
  readonly deps: TellDeps;
  readonly transaction: DatabaseTransaction;
  readonly now: Date;
}

async function tellRepeat(
  turn: Turn,
  before: Incident,
  failed: Failed,
  { pressed }: Telling,
): Promise<string> {
  const { event } = failed;
  const louder = isLouder(event.severity, before.severity);
  const anew = before.good_at !== null;
  const toPress = pressed && failed.verdictId !== before.last_verdict_id;
  const severity = louder ? event.severity : before.severity;
  const row = await countFailure(turn.transaction, failed, turn.now, severity);
  if (!louder && !anew && !toPress) return headKey(row);
  const what = anew
    ? `${failed.relation ?? failed.dedupKey} was good, and is broken again`
    : louder
      ? `now ${event.severity}, was ${before.severity}`
      : null;
  return await tellStanding(turn, row, { eventId: failed.occasion, what, severity });
}

async function tellNew(
  turn: Turn,
  before: Incident | null,
  failed: Failed,
  { graph, because }: Telling,
): Promise<string> {
  const { deps, transaction, now } = turn;
  const open = await openIncidents(transaction, deps.environment);
  const once = open.find(({ dedupKey }) => dedupKey === before?.member_of);
  const sameStorm = before !== null && once !== undefined && once.openedAt <= before.opened_at;
  const found = umbrellaOf(
    {
      ...{ dedupKey: failed.dedupKey, relation: failed.relation, reads: failed.reads },
      ...{ severity: failed.severity, at: now, because },
      wasMemberOf: sameStorm ? before.member_of : null,
    },
    open,
    await heldModels(transaction),
    graph,
  );
  // An attempt that was cut off after it had handed its page over: what is open at the pager has to be resolved there.
  const isOpenAlready = found !== null && (await isAtWork(deps, failed.dedupKey));
  const umbrella = isOpenAlready ? null : found;
  const row = await openIncident(transaction, failed, now, umbrella);
  const happened = { eventId: failed.occasion, what: null, severity: failed.severity };
  if (umbrella === null) {
    await handOver(deps, standing(row, [], happened, 'trigger'));
    return row.dedup_key;
  }
  return await tellStanding(turn, row, happened);
}

async function heldModels(transaction: DatabaseTransaction): Promise<ReadonlySet<string>> {
  const rows = await transaction
    .selectFrom('control.lease')
    .select('model')
    .where('state', '=', 'held')
    .execute();
  return new Set(rows.map(({ model }) => model));
}

/** Tells of an incident, or of the one that it belongs to, as it stands now. */
async function tellStanding({ deps, transaction }: Turn, row: Incident, happened: Happened): Promise<string> {
  const head = row.member_of === null ? row : await lockIncident(transaction, row.member_of);
  if (head === null) return row.dedup_key;
  const members = await membersOf(transaction, head);
  const ofMember = head.dedup_key !== row.dedup_key;
  const what = happened.what ?? (ofMember ? `also ${row.summary ?? row.dedup_key}` : null);
  const own = ofMember ? { links: row.told?.links ?? [], also: routingOf(row) } : {};
  await handOver(deps, standing(head, members, { ...happened, ...own, what, ofMember }, 'update'));
  return head.dedup_key;
}

/** Whoever would be told of a promise by itself is told of the incident that it was added to. */
function routingOf({ severity, owner, tier, relation, told }: Incident): PageEvent['also'] {
  const { component = relation, group = null, class: what = null } = told ?? {};
  return { severity, component, group, class: what, owner, tier };
}

function headKey({ dedup_key: own, member_of: head }: Incident): string {
  return head ?? own;
}

/** What makes a promise good again. */
export interface Good {
  readonly dedupKey: string;
  /** Of the gate that let the load through; null where no gate did. */
  readonly verdictId: string | null;
  /** What is told of it, given what the incident has come to. */
  readonly event: (incident: Incident) => PageEvent;
}

/**
 * Writes down that a promise holds again, and resolves its incident; of a storm with its last member.
 *
 * @returns the key of the incident that was told; null where none was open, or another interval's failure keeps it so.
 */
export async function tellGood(deps: TellDeps, good: Good): Promise<string | null> {
  return await deps.databases.loader.transaction().execute(async (transaction) => {
    const now = await lockPages(transaction, deps.environment);
    const row = await lockIncident(transaction, good.dedupKey);
    if (row?.state !== 'open' || row.good_at !== null) return null;
    if ((await clearFailures(transaction, good.dedupKey, good.verdictId)) > 0) return null;
    const head = row.member_of === null ? row : await lockIncident(transaction, row.member_of);
    const event = good.event(row);
    const resolved = { state: 'resolved', resolved_at: now, good_at: null } as const;
    await setIncident(transaction, row.dedup_key, resolved);
    if (head?.state !== 'open') return row.dedup_key;
    const members = await membersOf(transaction, head);
    const isOwn = head.dedup_key === row.dedup_key;
    const stillBroken = members.some(({ state }) => state === 'open') || (!isOwn && head.good_at === null);
    if (!stillBroken) {
      await handOver(deps, stormOver(head, members, event));
      await setIncident(transaction, head.dedup_key, resolved);
      return head.dedup_key;
    }
    if (isOwn)
      await setIncident(transaction, head.dedup_key, { state: 'open', good_at: now, resolved_at: null });
    const told = isOwn ? { ...head, good_at: now } : head;
    const happened = {
      ...{ eventId: event.eventId, what: event.summary, severity: event.severity },
      ofMember: !isOwn,
    };
    await handOver(deps, standing(told, members, happened, 'update'));
    return head.dedup_key;
  });
}

/** Adds what a person said to an incident that stays open. @returns its key; null where none is open. */
export async function tellNote(
  deps: TellDeps,
  dedupKey: string,
  happened: Omit<Happened, 'severity'>,
): Promise<string | null> {
  return await deps.databases.loader.transaction().execute(async (transaction) => {
    const now = await lockPages(transaction, deps.environment);
    const row = await lockIncident(transaction, dedupKey);
    if (row?.state !== 'open') return null;
    return await tellStanding({ deps, transaction, now }, row, { ...happened, severity: row.severity });
  });
}
