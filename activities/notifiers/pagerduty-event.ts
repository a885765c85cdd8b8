import { cutDedupKey } from '../page/dedup-key.ts';
import { cutDetails, cutText } from './cut.ts';
import type { PageEvent } from './notifier.ts';

/** @see https://developer.pagerduty.com/docs/send-alert-event */
const SUMMARY_LENGTH = 1_024;
/** Far below the documented 512 KB for the whole event: what a person reads on a phone, and room for the rest. */
const DETAILS_BYTES = 64_000;
const LINKS = 20;
const URL_LENGTH = 4_000;

/** The event in PagerDuty's words, cut to its limits: an event is never refused for its size. */
export function toPagerDuty(event: PageEvent, routingKey: string) {
  return {
    routing_key: routingKey,
    // An event of an open key adds to its incident.
    event_action: event.action === 'resolve' ? ('resolve' as const) : ('trigger' as const),
    dedup_key: cutDedupKey(event.dedupKey),
    payload: {
      summary: cutText(event.summary, SUMMARY_LENGTH),
      source: cutText(event.source, SUMMARY_LENGTH),
      severity: event.severity,
      timestamp: event.timestamp,
      ...(event.component === null ? {} : { component: cutText(event.component, SUMMARY_LENGTH) }),
      ...(event.group === null ? {} : { group: cutText(event.group, SUMMARY_LENGTH) }),
      ...(event.class === null ? {} : { class: cutText(event.class, SUMMARY_LENGTH) }),
      custom_details: cutDetails(event.details, DETAILS_BYTES),
    },
    links: linksOf(event),
    ...(event.clientUrl === null || event.clientUrl.length > URL_LENGTH || event.action === 'resolve'
      ? {}
      : { client: 'Weir', client_url: event.clientUrl }),
  };
}

/**
 * A change event: it wakes nobody, and stands beside the incidents of its service.
 *
 * @see https://developer.pagerduty.com/docs/send-change-event (it has no severity, dedup key or client)
 */
export function toPagerDutyChange(event: PageEvent, routingKey: string) {
  return {
    routing_key: routingKey,
    payload: {
      summary: cutText(event.summary, SUMMARY_LENGTH),
      source: cutText(event.source, SUMMARY_LENGTH),
      timestamp: event.timestamp,
      custom_details: cutDetails(event.details, DETAILS_BYTES),
    },
    links: linksOf(event),
  };
}

/** A URL that is cut leads nowhere: a longer one is left out. */
function linksOf({ links }: PageEvent) {
  return links
    .filter(({ href }) => href.length <= URL_LENGTH)
    .slice(0, LINKS)
    .map(({ href, text }) => ({ href, text: cutText(text, SUMMARY_LENGTH) }));
}
