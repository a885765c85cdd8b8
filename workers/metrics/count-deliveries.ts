import type { Notifier } from '../../activities/notifiers/notifier.ts';
import type { Counters } from './counters.ts';

/** The same notifiers, which also count how their attempts ended. @param counters undefined: nobody counts. */
export function countDeliveries(
  notifiers: readonly Notifier[],
  counters: Counters | undefined,
): readonly Notifier[] {
  return counters === undefined ? notifiers : notifiers.map((notifier) => counted(notifier, counters));
}

function counted(notifier: Notifier, counters: Counters): Notifier {
  return {
    ...notifier,
    send: async (event, options) => {
      const delivery = await notifier.send(event, options);
      const outcome = delivery.delivered ? 'sent' : delivery.retry ? 'failed' : 'refused';
      counters.delivery(notifier.name, event.action, outcome);
      return delivery;
    },
  };
}
