import type { ExpectationType } from '../../expectations/define-expectation.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import type { ParameterUse } from '../../expectations/parameter-use.ts';
import type { SuiteExpectation } from '../../expectations/suite-expectation.ts';

/** A value that stands for a parameter while a promise is put in words, and how the words then show it. */
interface StandIn {
  readonly value: Json;
  readonly shown: RegExp;
}

/**
 * By kind of argument, `place` (one digit) the parameter's among those of its expectation: no two have the same value,
 * and a lowest value stays below a highest.
 */
const standIns: readonly ((place: number) => StandIn)[] = [
  (place) => ({
    value: 918_273_645_000 + place,
    shown: new RegExp(`(?<!-)918,?273,?645,?00${place}`, 'g'),
  }),
  (place) => ({
    value: place - 918_273_645_009,
    shown: new RegExp(`-918,?273,?645,?00${9 - place}`, 'g'),
  }),
  (place) => ({
    value: Number(`0.1${place}827`),
    shown: new RegExp(`0\\.1${place}827|1${place}\\.82\\d* %`, 'g'),
  }),
  // A list is named or counted.
  (place) => ({
    value: [`stand_in_${place}`],
    shown: new RegExp(`stand_in_${place}|(?<![\\d,])1 (?:known )?values?\\b`, 'g'),
  }),
  (place) => textFor(`9182-03-1${place}T00:00:00Z`),
  (place) => textFor(`9182${place} days`),
  (place) => textFor(`stand_in_${place}`),
];

function textFor(value: string): StandIn {
  return { value, shown: new RegExp(value, 'g') };
}

/** More combinations are not tried: the words are then those of the kind of promise. */
const MOST_PARAMETERS = 3;

/**
 * A promise in its own words, with each parameter by its name where a value would stand:
 * `rows between min_rows and max_rows`. What is not known before a run needs no run to be told.
 */
export function wordsWithParameters({ kind, kwargs, uses }: SuiteExpectation): string {
  if (uses.length === 0) return kind.bind(kwargs)?.describe ?? kind.docs.promise;
  const ordered = uses.toSorted((one, other) => Number(isHighest(one)) - Number(isHighest(other)));
  const told = uses.length > MOST_PARAMETERS ? null : tell(kind, kwargs, ordered, 0);
  return (
    told ??
    `${kind.docs.promise.split(/\.(?: |$)/)[0] ?? kind.type}, by ${uses.map(({ text }) => text).join(', ')}`
  );
}

function isHighest({ argument }: ParameterUse): boolean {
  return argument.startsWith('max');
}

/** Tries kinds of values, one parameter after the other, until the type takes them all and its words show each. */
function tell(
  kind: ExpectationType,
  kwargs: JsonObject,
  [use, ...others]: readonly ParameterUse[],
  place: number,
): string | null {
  if (use === undefined) return kind.bind(kwargs)?.describe ?? null;
  for (const standInFor of standIns) {
    const { value, shown } = standInFor(place);
    const words = tell(kind, { ...kwargs, [use.argument]: value }, others, place + 1);
    const named = words?.replaceAll(shown, () => use.text);
    if (named?.includes(use.text) === true) return named;
  }
  return null;
}
