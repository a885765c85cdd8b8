import type { Json, JsonObject } from '../expectations/json.ts';
import type { ParameterUse } from '../expectations/parameter-use.ts';
import type { SuiteExpectation } from '../expectations/suite-expectation.ts';
import type { Suite } from '../expectations/suite.ts';
import type { BoundsHolding, PromiseMoment } from './read/promise-history.ts';
import type { AskingGate } from './read/suite-gates.ts';

/** Where the bounds of a promise would have to be to hold in a share of the time, and what to write for that. */
export interface BoundAdvice {
  readonly evaluations: number;
  readonly bounds: readonly WantedBound[];
  /** What to write and where; one entry a place. Nothing where no file says the bound. */
  readonly paste: readonly Paste[];
}

/** One side. */
export interface WantedBound {
  readonly side: 'lower' | 'upper';
  /** In the unit of the holding. */
  readonly wanted: number;
  /** As it was last; null where that is not known. */
  readonly now: number | null;
  /** Whether the bound of now does not hold so often. */
  readonly looser: boolean;
}

/** A text that can be pasted. */
export interface Paste {
  /** A file, and where in it: `models/silver/stg_transactions.sql, gates.input.parameters`. */
  readonly place: string;
  readonly text: string;
}

/** Fewer evaluations say nothing about one in a hundred. */
const LEAST_EVALUATIONS = 20;

/** What a promise is, where it stands, and what was found. */
export interface AdviceAbout {
  readonly suite: Suite;
  readonly expectation: SuiteExpectation;
  readonly asking: AskingGate;
  readonly holding: BoundsHolding | undefined;
  readonly latest: Pick<PromiseMoment, 'lower' | 'upper'> | null;
}

/**
 * Where bounds would have to be, as something to paste. Null where there were too few evaluations, the promise learns its
 * bounds by itself, or every row has to keep it and does.
 *
 * Bounds are rounded outwards, never so that they hold less often.
 */
export function boundAdvice(about: AdviceAbout): BoundAdvice | null {
  const { expectation, holding, latest } = about;
  if (holding === undefined || holding.evaluations < LEAST_EVALUATIONS) return null;
  if (expectation.kind.type.includes('_learned_')) return null;
  const bounds = (['lower', 'upper'] as const).flatMap((side): readonly WantedBound[] => {
    const value = holding[side];
    if (value === null || !Number.isFinite(value)) return [];
    const wanted = outwards(value, side, holding.unit === 'share' ? 1 : Infinity);
    const now = latest?.[side] ?? null;
    if (holding.unit === 'share' && wanted === 1 && (now ?? 1) === 1) return [];
    return [{ side, wanted, now, looser: now !== null && (side === 'lower' ? wanted < now : wanted > now) }];
  });
  const changed = bounds.filter(({ wanted, now }) => wanted !== now);
  return changed.length === 0
    ? null
    : { evaluations: holding.evaluations, bounds: changed, paste: pastes(about, holding, changed) };
}

/** Four digits say it; whole numbers stay as they are. */
function outwards(value: number, side: 'lower' | 'upper', most: number): number {
  if (Number.isInteger(value)) return value;
  // Too near nothing to have digits.
  if (Math.abs(value) < 1e-12)
    return side === 'lower' ? Math.min(0, Math.sign(value) * 1e-12) : Math.max(0, Math.sign(value) * 1e-12);
  const size = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 3);
  const round = side === 'lower' ? Math.floor : Math.ceil;
  return Math.min(most, Number((round(value / size) * size).toPrecision(4)));
}

function pastes(
  about: AdviceAbout,
  { unit }: BoundsHolding,
  bounds: readonly WantedBound[],
): readonly Paste[] {
  const { expectation, suite } = about;
  const kwargs: Record<string, Json> = {};
  const parameters: Record<string, number> = {};
  for (const { side, wanted } of bounds) {
    const argument = argumentOf(expectation, unit, side);
    if (argument === null) continue;
    const use = expectation.uses.find((one) => one.argument === argument);
    const written = use === undefined ? writtenAs(expectation, argument, wanted, unit) : null;
    if (written !== null) kwargs[argument] = written;
    const parameter = use === undefined ? null : parameterFor(use, wanted, unit);
    if (parameter !== null) parameters[parameter.name] = parameter.value;
  }
  const place = `${suite.file}, /expectations/${expectation.index}`;
  const whole = inclusive({ ...expectation.kwargs, ...kwargs }, kwargs);
  return [
    ...(Object.keys(kwargs).length === 0
      ? []
      : [{ place, text: `"kwargs": ${JSON.stringify(whole, null, 2)}` }]),
    ...onePlaceEach(
      Object.entries(parameters).flatMap(([name, value]) => parameterPaste(about, name, value)),
    ),
  ];
}

/** What goes to one place is pasted at once. */
function onePlaceEach(pastes: readonly Paste[]): readonly Paste[] {
  return [...Map.groupBy(pastes, ({ place }) => place)].map(([place, all]) => ({
    place,
    text: all.map(({ text }) => text).join(place.endsWith('/suite_parameters') ? ',\n' : '\n'),
  }));
}

/** The argument that says a side; null where the type has none. */
function argumentOf(
  { kind: { properties } }: SuiteExpectation,
  unit: BoundsHolding['unit'],
  side: 'lower' | 'upper',
): string | null {
  if (unit === 'share') return side === 'lower' && 'mostly' in properties ? 'mostly' : null;
  // What is at most five minutes old lies at least at five minutes before now.
  const named =
    unit === 'age' ? { lower: 'max_value', upper: 'min_value' } : { lower: 'min_value', upper: 'max_value' };
  if (named[side] in properties) return named[side];
  if (unit === 'age' && side === 'upper' && 'max_age' in properties) return 'max_age';
  return side === 'upper' && unit === 'value' && 'threshold' in properties ? 'threshold' : null;
}

function writtenAs(
  { kwargs }: SuiteExpectation,
  argument: string,
  wanted: number,
  unit: BoundsHolding['unit'],
): Json {
  if (argument === 'max_age') return `${Math.ceil(wanted / 60)} minutes`;
  // A fixed time is no age: nothing that is written once would hold tomorrow.
  if (unit === 'age') return null;
  return unit === 'share' || typeof kwargs[argument] === 'number' ? wanted : null;
}

/** A value that was seen is inside. */
function inclusive(kwargs: JsonObject, changed: JsonObject): JsonObject {
  const strict = [
    ...('min_value' in changed ? ['strict_min'] : []),
    ...('max_value' in changed ? ['strict_max'] : []),
  ];
  return Object.fromEntries(Object.entries(kwargs).filter(([name]) => !strict.includes(name)));
}

const SECONDS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };

/** The parameter that a bound is, or the length of time that it is taken from now. */
function parameterFor(
  { expression, text, names }: ParameterUse,
  wanted: number,
  unit: BoundsHolding['unit'],
): { readonly name: string; readonly value: number } | null {
  const [name] = names;
  if (name === undefined || names.length > 1) return null;
  if (expression.kind === 'name') return unit === 'age' ? null : { name, value: wanted };
  const [, length = '', of] = /^now\(\) - timedelta\((\w+)=(\w+)\)$/.exec(text) ?? [];
  const seconds = SECONDS[length];
  return unit !== 'age' || seconds === undefined || of !== name
    ? null
    : { name, value: Math.ceil(wanted / seconds) };
}

/** The gate's header, else the suite's default. What a query gives is in no file. */
function parameterPaste(
  { suite, asking: { model, gate, header }, expectation }: AdviceAbout,
  name: string,
  value: number,
): readonly Paste[] {
  const given = header.parameters[name];
  if (typeof given === 'number')
    return [{ place: `${model.file}, gates.${gate}.parameters`, text: `${name}: ${value}` }];
  if (given !== undefined || expectation.uses.some(({ own }) => Object.hasOwn(own, name))) return [];
  return typeof suite.parameters[name] === 'number'
    ? [{ place: `${suite.file}, /suite_parameters`, text: `${JSON.stringify(name)}: ${value}` }]
    : [];
}
