import type { PageEvent } from './notifier.ts';

/** Which events a route is for; what is left out matches every event. A `*` in a text stands for anything. */
export interface RouteMatch {
  readonly severity?: readonly PageEvent['severity'][];
  readonly owner?: readonly string[];
  readonly tier?: readonly (1 | 2 | 3)[];
  readonly class?: readonly string[];
  /** The event's group. */
  readonly pipeline?: readonly string[];
  /** The event's component. */
  readonly model?: readonly string[];
}

/** Who is told of what matches. */
export interface Route {
  readonly match: RouteMatch;
  /** Receivers, by name. */
  readonly to: readonly string[];
  /** Whether routes below are asked too. */
  readonly goesOn: boolean;
}

/** What may be matched of an event. */
export type Routed = Pick<PageEvent, 'severity' | 'owner' | 'tier' | 'class' | 'group' | 'component'>;

/** Whom an event is for: those for whom it is by itself, and by what it tells of beside. Names, each once. */
export function everyReceiverOf(routes: readonly Route[], event: PageEvent): readonly string[] {
  const also = event.also === undefined ? [] : receiversOf(routes, event.also);
  return [...new Set([...receiversOf(routes, event), ...also])];
}

/**
 * The receivers of an event: routes are asked from the top, the first that matches ends the asking unless it goes on.
 *
 * @returns names, each once; none where no route matches.
 */
export function receiversOf(routes: readonly Route[], event: Routed): readonly string[] {
  const names = new Set<string>();
  for (const route of routes) {
    if (!matches(route.match, event)) continue;
    for (const name of route.to) names.add(name);
    if (!route.goesOn) break;
  }
  return [...names];
}

function matches(match: RouteMatch, event: Routed): boolean {
  return (
    isOneOf(match.severity, event.severity) &&
    isOneOf(match.tier, event.tier) &&
    isLike(match.owner, event.owner) &&
    isLike(match.class, event.class) &&
    isLike(match.pipeline, event.group) &&
    isLike(match.model, event.component)
  );
}

function isOneOf<Value>(wanted: readonly Value[] | undefined, value: Value | null): boolean {
  return wanted === undefined || wanted.some((one) => one === value);
}

function isLike(patterns: readonly string[] | undefined, value: string | null): boolean {
  return (
    patterns === undefined || (value !== null && patterns.some((pattern) => patternOf(pattern).test(value)))
  );
}

/** `fct_*` as a regular expression over the whole text. */
export function patternOf(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`);
}
