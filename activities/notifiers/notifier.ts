/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * One thing to tell on-call, whoever carries it. Counts, shares and names only: no row values, no secrets.
 * Plain JSON, because it travels through a workflow's history.
 */
export interface PageEvent {
  /** Same occasion, same id: an event that arrives twice is sent once. */
  readonly eventId: string;
  /**
   * `trigger` opens an incident, `update` adds to the open one, `resolve` closes it; `change` tells something that
   * wakes nobody.
   */
  readonly action: 'trigger' | 'update' | 'resolve' | 'change';
  /** One open incident a key. */
  readonly dedupKey: string;
  /** One line that a person can act on. */
  readonly summary: string;
  /** Where the trouble is, for people: `weir/demo/stg_transactions`. */
  readonly source: string;
  readonly severity: 'critical' | 'error' | 'warning' | 'info';
  /** When it was found, ISO 8601 UTC. */
  readonly timestamp: string;
  readonly component: string | null;
  readonly group: string | null;
  readonly class: string | null;
  /** Who answers for what it is about, for routing; a resolve carries what its trigger did. */
  readonly owner: string | null;
  /** How much hangs on it, 1 the most, for routing; a resolve carries what its trigger did. */
  readonly tier: 1 | 2 | 3 | null;
  /** What it tells of beside that, for routing: a promise that was added to the incident, and may be somebody else's. */
  readonly also?: Pick<PageEvent, 'severity' | 'component' | 'group' | 'class' | 'owner' | 'tier'>;
  readonly details: Readonly<Record<string, Json>>;
  readonly links: readonly PageLink[];
  /** Where "view" leads: the run. */
  readonly clientUrl: string | null;
}

export interface PageLink {
  readonly href: string;
  readonly text: string;
}

/** The service has taken the event. */
export interface Delivered {
  readonly delivered: true;
  readonly status: number;
  readonly dedupKey: string;
}

/** The service has not taken it, and whether asking again can help. */
export interface NotDelivered {
  readonly delivered: false;
  /** The HTTP status that was answered; null when there was no answer. */
  readonly status: number | null;
  readonly dedupKey: string;
  /** False: final, the same event will be refused for ever. */
  readonly retry: boolean;
  /** How long to wait before the next attempt, milliseconds; null: as the caller likes. */
  readonly retryAfterMs: number | null;
  /** One sentence, free of secrets. */
  readonly reason: string;
}

export type Delivery = Delivered | NotDelivered;

/**
 * A way to tell someone. `send` makes one attempt and says how it went; it never throws for what the service or the
 * network does, never shows a key, and leaves nothing running behind. Trying again is the workflow's business.
 * `test/activities/notifiers/conformance.ts` holds every notifier to that.
 */
export interface Notifier {
  readonly name: string;
  send(event: PageEvent, options: { readonly signal: AbortSignal }): Promise<Delivery>;
}

/** What a receiver of the routing file is made from. */
export interface ReceiverSetting {
  /** Its name in the routing file; that of the notifier that is made. */
  readonly name: string;
  /** Its secrets, by their names in the notifier's type. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Host and port of a stand-in instead of the service, and the certificate to trust, PEM; null: the service itself. */
  readonly server: string | null;
  readonly ca: string | null;
  /** Writes a line of the log of whoever sends. */
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/**
 * A kind of notifier, as its file exports it under the name `notifierType`: the file's name is what the routing file
 * calls it by (`type: slack`).
 */
export interface NotifierType {
  readonly description: string;
  /** Each secret a receiver of this kind has to name, with what it is. */
  readonly secrets: Readonly<Record<string, string>>;
  /** @throws Error where a secret cannot be one; its value is not shown. */
  create(setting: ReceiverSetting): Notifier;
}
