import { cutDedupKey } from '../page/dedup-key.ts';
import { cutDetails, cutText } from './cut.ts';
import type { Notifier, NotifierType, ReceiverSetting } from './notifier.ts';

const TEXT_LENGTH = 1_024;
/** A line that a collector of logs still takes whole. */
const DETAILS_BYTES = 8_000;

/** The log of whoever sends: for a collector that tells people by itself, or beside another receiver. */
export const notifierType: NotifierType = {
  description: "Writes each event as one structured line of the worker's log.",
  secrets: {},
  create: createLog,
};

/** Writes each event as one line. It reaches nobody by itself. */
export function createLog({ name, log }: Pick<ReceiverSetting, 'name' | 'log'>): Notifier {
  return {
    name,
    async send(event, { signal }) {
      const dedupKey = cutDedupKey(event.dedupKey);
      const not = { delivered: false as const, status: null, dedupKey, retry: true, retryAfterMs: null };
      if (signal.aborted) return { ...not, reason: 'The attempt was cancelled.' };
      const { action, severity, eventId, owner, tier } = event;
      try {
        log(`page ${action}: ${cutText(event.summary, TEXT_LENGTH)}`, {
          dedupKey,
          eventId,
          severity,
          tier,
          ...(owner === null ? {} : { owner: cutText(owner, TEXT_LENGTH) }),
          ...(event.class === null ? {} : { class: cutText(event.class, TEXT_LENGTH) }),
          source: cutText(event.source, TEXT_LENGTH),
          details: cutDetails(event.details, DETAILS_BYTES),
        });
      } catch {
        // What was thrown may quote the line.
        return { ...not, reason: 'The log could not be written.' };
      }
      return { delivered: true, status: 200, dedupKey };
    },
  };
}
