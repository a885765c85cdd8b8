import { patternOf, type RouteMatch } from '../../activities/notifiers/routes.ts';
import { didYouMean } from '../../expectations/suggestion.ts';
import type { NotifyProblem, PlacedRoute, Routing } from './routing.ts';

const SEVERITIES = ['critical', 'error', 'warning', 'info'] as const;
/** Null: the event says none. */
const TIERS = [1, 2, 3, null] as const;
const TEXTS = ['owner', 'class', 'pipeline', 'model'] as const;

/** What a schema cannot see: names that are none, routes that never match, and whom nobody is sent to. */
export function checkRouting(routing: Routing): {
  readonly problems: readonly NotifyProblem[];
  readonly warnings: readonly NotifyProblem[];
} {
  const { file, receivers, routes } = routing;
  const names = receivers.map(({ name }) => name);
  const told = new Set(routes.flatMap(({ to }) => to));
  return {
    problems: [...unknownReceivers(routing, names), ...neverMatching(routing), ...openEnd(routing)],
    warnings: receivers
      .filter(({ name }) => !told.has(name))
      .map(({ name, line }) => ({
        ...{ file, line, problem: `no route tells ${name}` },
        mend: 'Name it in the `to` of a route, or take it out.',
      })),
  };
}

function unknownReceivers({ file, routes }: Routing, names: readonly string[]): readonly NotifyProblem[] {
  return routes.flatMap(({ to, line }) =>
    to
      .filter((name) => !names.includes(name))
      .map((name) => ({
        ...{ file, line, problem: `this route tells ${name}, which is no receiver` },
        mend: didYouMean(name, names) || `Receivers are ${names.join(', ')}.`,
      })),
  );
}

function neverMatching({ file, routes }: Routing): readonly NotifyProblem[] {
  return routes.flatMap(({ match, to, line }, index) => {
    const ending = routes.slice(0, index).filter(({ goesOn }) => !goesOn);
    if (!isCovered(match, ending)) return [];
    // An end that is there for all cases: nobody is left out by it.
    const isSpare = Object.keys(match).length === 0 && index === routes.length - 1;
    if (isSpare && to.every((name) => ending.some((route) => route.to.includes(name)))) return [];
    const lines = ending.map((route) => route.line).join(', ');
    return [
      {
        ...{
          file,
          line,
          problem: `this route can never match: what it is for ends at routes above (line ${lines})`,
        },
        mend: 'Move it up, or say `goes_on: true` above.',
      },
    ];
  });
}

/** The last route has to match whatever comes: an event that matches none would be told to nobody. */
function openEnd({ file, routes }: Routing): readonly NotifyProblem[] {
  const ending = routes.filter(({ goesOn }) => !goesOn);
  const last = routes.at(-1);
  if (last === undefined || isCovered({}, ending)) return [];
  const mend = 'End with a route that has only `to` (and no `goes_on`).';
  return [{ file, line: last.line, problem: 'what matches no route would be told to nobody', mend }];
}

/** Whether everything that matches ends at one of some routes: of each severity and tier at a single one. */
function isCovered(match: RouteMatch, routes: readonly PlacedRoute[]): boolean {
  const severities = match.severity ?? SEVERITIES;
  const tiers = match.tier ?? TIERS;
  return severities.every((severity) =>
    tiers.every((tier) =>
      routes.some(
        ({ match: wider }) =>
          (wider.severity === undefined || wider.severity.includes(severity)) &&
          (wider.tier === undefined || (tier !== null && wider.tier.includes(tier))) &&
          TEXTS.every((field) => isWider(wider[field], match[field])),
      ),
    ),
  );
}

/** Whether patterns match whatever other patterns match; of two with stars only where they are the same or one is `*`. */
function isWider(wider: readonly string[] | undefined, narrower: readonly string[] | undefined): boolean {
  if (wider === undefined) return true;
  if (narrower === undefined) return false;
  return narrower.every((one) => wider.some((pattern) => pattern === one || patternOf(pattern).test(one)));
}
