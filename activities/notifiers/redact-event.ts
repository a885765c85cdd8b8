import { redactJson, redactText } from '../../expectations/redact.ts';
import type { PageEvent } from './notifier.ts';

/** An event without what looks like somebody's card, address or phone. Its ids and dedup key stay: others know it by them. */
export function redactEvent<Event extends PageEvent>(event: Event): Event {
  const text = (one: string | null): string | null => (one === null ? null : redactText(one));
  return {
    ...event,
    summary: redactText(event.summary),
    source: redactText(event.source),
    component: text(event.component),
    group: text(event.group),
    class: text(event.class),
    details: Object.fromEntries(
      Object.entries(event.details).map(([name, value]) => [redactText(name), redactJson(value)]),
    ),
    links: event.links.map(({ href, text: words }) => ({ href: redactText(href), text: redactText(words) })),
  };
}
