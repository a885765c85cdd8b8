import { redactText } from '../../expectations/redact.ts';
import { cutText } from '../notifiers/cut.ts';
import { SUMMARY_LENGTH } from './gate-event.ts';
import { howLong, lasted } from './incident-words.ts';
import { tellGood, type TellDeps } from './tell.ts';

/** Who closes an incident that nothing else will, and why. */
export interface ByHand {
  /** The incident's dedup key: `weir/production/stg_orders/orders`. */
  readonly dedupKey: string;
  readonly reason: string;
  readonly by: string;
  /** Of this closing: its event is sent once. */
  readonly occasion: string;
}

/**
 * Resolves an incident by a person's word: that of a model, suite or pipeline that is no more, which no load will ever
 * answer for. Where another incident tells of it, it leaves that one. The next failure of the same promise opens a new one.
 *
 * @returns the key of the incident that was told; null where none of that key is open.
 */
export async function resolveByHand(
  deps: TellDeps,
  { dedupKey, reason, by, occasion }: ByHand,
): Promise<string | null> {
  const [why, who] = [redactText(reason), redactText(by)];
  return await tellGood(deps, {
    dedupKey,
    verdictId: null,
    event: (incident) => ({
      eventId: `${dedupKey}/${occasion}/by-hand`,
      action: 'resolve',
      dedupKey,
      summary: cutText(`closed by ${who}: ${why}${howLong(incident, new Date())}`, SUMMARY_LENGTH),
      source: `weir/${deps.environment}/${incident.relation ?? incident.pipeline ?? dedupKey}`,
      severity: 'info',
      timestamp: new Date().toISOString(),
      component: incident.relation,
      group: incident.pipeline,
      class: incident.told?.class ?? null,
      owner: incident.owner,
      tier: incident.tier,
      details: { closed_by: who, reason: why, ...lasted(incident) },
      links: incident.told?.links ?? [],
      clientUrl: null,
    }),
  });
}
