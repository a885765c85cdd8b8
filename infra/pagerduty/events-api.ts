/**
 * The documented rules of PagerDuty's Events API v2, as a pure check of one request body.
 *
 * @see https://developer.pagerduty.com/docs/send-alert-event (fields, lengths, enums, links, images)
 * @see https://developer.pagerduty.com/docs/send-change-event
 * @see https://developer.pagerduty.com/docs/events-api-v2-overview (512 KB, answers)
 * @see https://developer.pagerduty.com/docs/events-api-rate-limits (about 120 calls a minute and integration key)
 */
export const LIMITS = {
  bodyBytes: 512 * 1024,
  routingKeyLength: 32,
  dedupKeyLength: 255,
  summaryLength: 1024,
  callsPerMinute: 120,
} as const;

export type Action = 'trigger' | 'acknowledge' | 'resolve';
export type Severity = 'critical' | 'error' | 'warning' | 'info';
type Fields = Readonly<Record<string, unknown>>;

const ACTIONS: readonly string[] = ['trigger', 'acknowledge', 'resolve'] satisfies Action[];
const SEVERITIES: readonly string[] = ['critical', 'error', 'warning', 'info'] satisfies Severity[];
const TIMESTAMP = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

export interface Link {
  readonly href: string;
  readonly text: string | null;
}

export interface Image {
  readonly src: string;
  readonly href: string | null;
  readonly alt: string | null;
}

/** What an event says, once it has been accepted. */
export interface Content {
  readonly summary: string;
  readonly severity: Severity | null;
  readonly source: string | null;
  readonly component: string | null;
  readonly group: string | null;
  readonly class: string | null;
  readonly timestamp: string | null;
  readonly customDetails: unknown;
  readonly links: readonly Link[];
  readonly images: readonly Image[];
  readonly client: string | null;
  readonly clientUrl: string | null;
}

export interface AlertEvent {
  readonly routingKey: string;
  readonly action: Action;
  /** Null: the service makes one up. */
  readonly dedupKey: string | null;
  /** Null where an acknowledge or a resolve carries no payload. */
  readonly content: Content | null;
}

export interface ChangeEvent {
  readonly routingKey: string;
  readonly content: Content;
}

/** What is wrong with a body, in the service's way: one sentence a problem. */
export interface Refused {
  readonly errors: readonly string[];
}

/** Checks a body sent to `/v2/enqueue`. */
export function readAlertEvent(body: unknown): AlertEvent | Refused {
  if (!isFields(body)) return { errors: ['The event is not a JSON object'] };
  const errors: string[] = [];
  const routingKey = readRoutingKey(body, errors);
  const action = body['event_action'];
  if (!isAction(action)) errors.push("'event_action' must be one of trigger, acknowledge, resolve");
  const dedupKey = readText(body, 'dedup_key', errors, LIMITS.dedupKeyLength);
  if (action !== 'trigger' && dedupKey === null) errors.push("'dedup_key' is missing or blank");
  const payload = body['payload'];
  const needed = action === 'trigger' ? ['summary', 'source', 'severity'] : [];
  const content = payload === undefined && action !== 'trigger' ? null : readContent(body, needed, errors);
  if (errors.length > 0 || !isAction(action)) return { errors };
  return { routingKey, action, dedupKey, content };
}

/** Checks a body sent to `/v2/change/enqueue`. */
export function readChangeEvent(body: unknown): ChangeEvent | Refused {
  if (!isFields(body)) return { errors: ['The event is not a JSON object'] };
  const errors: string[] = [];
  const routingKey = readRoutingKey(body, errors);
  if (routingKey.startsWith('R')) errors.push("'routing_key' is of a ruleset, which takes no change events");
  const payload: Fields = isFields(body['payload']) ? body['payload'] : {};
  for (const [place, fields, known] of [
    ['', body, CHANGE_FIELDS],
    ['payload.', payload, CHANGE_PAYLOAD_FIELDS],
  ] as const)
    for (const name of Object.keys(fields))
      if (!known.includes(name)) errors.push(`'${place}${name}' is no field of a change event`);
  const content = readContent(body, ['summary'], errors);
  return errors.length > 0 ? { errors } : { routingKey, content };
}

/** A change event is neither opened nor resolved, and wakes nobody: it has no action, key or severity. */
const CHANGE_FIELDS: readonly string[] = ['routing_key', 'payload', 'links', 'images'];
const CHANGE_PAYLOAD_FIELDS: readonly string[] = ['summary', 'source', 'timestamp', 'custom_details'];

function readRoutingKey(body: Fields, errors: string[]): string {
  const key = readText(body, 'routing_key', errors);
  if (key === null) {
    if (body['routing_key'] === undefined || body['routing_key'] === '')
      errors.push("'routing_key' is missing or blank");
  } else if (key.length !== LIMITS.routingKeyLength) {
    errors.push(`Length of 'routing_key' is incorrect (should be ${LIMITS.routingKeyLength} characters)`);
  }
  return key ?? '';
}

function readContent(body: Fields, needed: readonly string[], errors: string[]): Content {
  if (!isFields(body['payload'])) errors.push("'payload' is missing or not an object");
  const payload: Fields = isFields(body['payload']) ? body['payload'] : {};
  const text = (name: string, length?: number) => {
    const value = readText(payload, name, errors, length, 'payload.');
    if (value === null && needed.includes(name)) errors.push(`'payload.${name}' is missing or blank`);
    return value;
  };
  const severity = text('severity');
  if (severity !== null && !isSeverity(severity)) {
    errors.push(`'payload.severity' must be one of ${SEVERITIES.join(', ')}`);
  }
  const timestamp = text('timestamp');
  if (timestamp !== null && !TIMESTAMP.test(timestamp))
    errors.push("'payload.timestamp' is not an ISO 8601 timestamp");
  const details = payload['custom_details'];
  if (details !== undefined && !isFields(details)) errors.push("'payload.custom_details' must be an object");
  return {
    summary: text('summary', LIMITS.summaryLength) ?? '',
    severity: isSeverity(severity) ? severity : null,
    source: text('source'),
    component: text('component'),
    group: text('group'),
    class: text('class'),
    timestamp,
    customDetails: details ?? null,
    links: readList(body, 'links', errors, readLink),
    images: readList(body, 'images', errors, readImage),
    client: readText(body, 'client', errors),
    clientUrl: readText(body, 'client_url', errors),
  };
}

function readText(
  fields: Fields,
  name: string,
  errors: string[],
  length?: number,
  prefix = '',
): string | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') {
    errors.push(`'${prefix}${name}' must be a string`);
    return null;
  }
  // The documentation says characters: a character outside the first plane counts once.
  const characters = Array.from(value).length;
  if (length !== undefined && characters > length) {
    errors.push(`'${prefix}${name}' is too long (maximum ${length} characters, found ${characters})`);
  }
  return value.trim() === '' ? null : value;
}

function readList<Item>(
  body: Fields,
  name: string,
  errors: string[],
  read: (item: Fields, place: string, errors: string[]) => Item,
): readonly Item[] {
  const list = body[name];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) {
    errors.push(`'${name}' must be an array of objects`);
    return [];
  }
  return list.flatMap((item: unknown, index) => {
    if (isFields(item)) return [read(item, `${name}[${index}].`, errors)];
    errors.push(`'${name}[${index}]' must be an object`);
    return [];
  });
}

function readLink(link: Fields, place: string, errors: string[]): Link {
  const href = readText(link, 'href', errors, undefined, place);
  if (href === null) errors.push(`'${place}href' is missing or blank`);
  return { href: href ?? '', text: readText(link, 'text', errors, undefined, place) };
}

function readImage(image: Fields, place: string, errors: string[]): Image {
  const src = readText(image, 'src', errors, undefined, place);
  if (src === null) errors.push(`'${place}src' is missing or blank`);
  else if (!src.startsWith('https://')) errors.push(`'${place}src' must be served via HTTPS`);
  return {
    src: src ?? '',
    href: readText(image, 'href', errors, undefined, place),
    alt: readText(image, 'alt', errors, undefined, place),
  };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAction(value: unknown): value is Action {
  return typeof value === 'string' && ACTIONS.includes(value);
}

function isSeverity(value: unknown): value is Severity {
  return typeof value === 'string' && SEVERITIES.includes(value);
}
