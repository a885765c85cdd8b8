import { gateDedupKey } from '../../activities/page/dedup-key.ts';
import { isObject } from '../../expectations/json.ts';
import { redactText } from '../../expectations/redact.ts';
import type { Site } from '../site.ts';
import type { Evaluation } from './gate-fate.ts';

/** The incident of a gate, and what was told of one verdict. */
export interface GateIncident {
  readonly dedupKey: string;
  /** As it is now; null where there never was one. */
  readonly now: IncidentNow | null;
  /** What was sent about this verdict, oldest first. */
  readonly deliveries: readonly Delivery[];
  /** What on-call was told of this very verdict, where it was the last that was told. */
  readonly told: Told | null;
}

export interface IncidentNow {
  readonly state: 'open' | 'resolved';
  readonly openedAt: Date;
  readonly resolvedAt: Date | null;
  readonly failures: number;
  readonly severity: string;
  readonly owner: string | null;
  /** Whether this verdict opened it, or is the last that it has met. */
  readonly opened: boolean;
  readonly met: boolean;
  /** The dedup key of the incident whose page tells of it. */
  readonly memberOf: string | null;
}

export interface Delivery {
  /** `held`, `passed`, … */
  readonly what: string;
  readonly notifier: string;
  readonly action: 'trigger' | 'update' | 'resolve' | 'change';
  readonly state: 'sent' | 'failing' | 'undelivered';
  readonly reason: string | null;
  readonly attempts: number;
  readonly at: Date;
}

/** Words of a page: they have left already, and have no values. */
export interface Told {
  /** Why the gate could not be checked. */
  readonly notChecked: string | null;
  /** When the hold ends, ISO 8601 and in words. */
  readonly holdEnds: string | null;
  /** Why no rows were set aside unasked. */
  readonly quarantine: string | null;
}

/** What a page may have been about: the word behind the verdict in its event's id. */
const OCCASIONS = ['held', 'failed', 'warned', 'passed', 'overridden', 'abandoned'] as const;

/** Reads the incident of a verdict's gate, and what became of its pages. */
export async function readGateIncident(site: Site, evaluation: Evaluation): Promise<GateIncident> {
  const { model, suite, verdictId } = evaluation;
  const dedupKey = gateDedupKey(site.environment, model, suite);
  const [row, deliveries] = await Promise.all([
    readRow(site, dedupKey),
    readDeliveries(site, dedupKey, verdictId),
  ]);
  if (row === undefined) return { dedupKey, now: null, deliveries, told: null };
  const now: IncidentNow = {
    ...{ state: row.state, openedAt: row.opened_at, resolvedAt: row.resolved_at },
    ...{ failures: row.failures, severity: row.severity, owner: row.owner },
    ...{ opened: row.verdict_id === verdictId, met: row.last_verdict_id === verdictId },
    memberOf: row.member_of,
  };
  return { dedupKey, now, deliveries, told: toldOf(row.told, verdictId) };
}

async function readRow({ database }: Site, dedupKey: string) {
  return await database
    .selectFrom('control.incident')
    .select(['state', 'opened_at', 'resolved_at', 'failures', 'severity', 'owner', 'verdict_id'])
    .select(['last_verdict_id', 'member_of', 'told'])
    .where('dedup_key', '=', dedupKey)
    .executeTakeFirst();
}

async function readDeliveries(
  { database }: Site,
  dedupKey: string,
  verdictId: string,
): Promise<readonly Delivery[]> {
  const rows = await database
    .selectFrom('control.page_delivery')
    .select(['event_id', 'notifier', 'action', 'state', 'reason', 'attempts', 'last_tried_at as at'])
    .where('dedup_key', '=', dedupKey)
    .where(
      'event_id',
      'in',
      OCCASIONS.map((occasion) => `${verdictId}/${occasion}`),
    )
    .orderBy('first_tried_at')
    .execute();
  return rows.map(({ event_id: id, reason, ...row }) => ({
    ...row,
    what: id.slice(verdictId.length + 1),
    reason: reason === null ? null : redactText(reason),
  }));
}

function toldOf(told: unknown, verdictId: string): Told | null {
  if (!isObject(told) || typeof told['eventId'] !== 'string') return null;
  if (!told['eventId'].startsWith(`${verdictId}/`)) return null;
  const details = isObject(told['details']) ? told['details'] : {};
  const text = (name: string): string | null => {
    const value = details[name];
    return typeof value === 'string' ? redactText(value) : null;
  };
  return { notChecked: text('not_checked'), holdEnds: text('hold_ends'), quarantine: text('quarantine') };
}
