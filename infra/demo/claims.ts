import { isDeepStrictEqual } from 'node:util';
import type { Colors } from 'picocolors/types.js';

/** What a claim compares: plain JSON. */
export type Fact = string | number | boolean | null | readonly Fact[] | { readonly [key: string]: Fact };

/** The steps of the story, in the issue's numbers. */
export type Step = 1 | 2 | 3 | 4 | 5 | 6;

/** A claim's facts may be read in a place whose changes are undone afterwards: that is how it is falsified. */
export interface Aside<World> {
  readonly aside: <Result>(look: (world: World) => Promise<Result>) => Promise<Result>;
}

/** One thing the story says, how it should be, and how it is read. */
export interface Claim<World> {
  /** Kebab-case, unique; what `--falsify` takes. */
  readonly name: string;
  readonly step: Step;
  /** One plain sentence. */
  readonly says: string;
  /** What the found side is read from: tables, an API call. */
  readonly from: string;
  readonly expected: (world: World) => Fact | Promise<Fact>;
  readonly read: (world: World) => Promise<Fact>;
  /**
   * Makes the claim false: changes what is read (a table, inside a transaction that is rolled back; an API's answer)
   * and returns the world to read from. The expected side stays as it is.
   */
  readonly falsify: (world: World) => World | Promise<World>;
}

/** A claim that was looked at. */
export interface Checked {
  readonly name: string;
  readonly step: Step;
  readonly says: string;
  readonly from: string;
  readonly expected: Fact;
  readonly found: Fact;
  readonly held: boolean;
  /** True when its world was changed on purpose before it was read. */
  readonly falsified: boolean;
  /** Why it could not be read at all; null when it was. Never counts as held. */
  readonly error: string | null;
}

/**
 * Reads claims one after another. A reading that throws is a claim that did not hold, and the next is read all the same.
 *
 * @param falsify names of claims to make false just before they are read: a self-test that each reading can fail.
 */
export async function checkClaims<World extends Aside<World>>(
  claims: readonly Claim<World>[],
  world: World,
  falsify: ReadonlySet<string> = new Set(),
): Promise<readonly Checked[]> {
  const checked: Checked[] = [];
  for (const claim of claims) {
    const isFalsified = falsify.has(claim.name);
    checked.push(await (isFalsified ? checkFalsified(claim, world) : check(claim, world, false)));
  }
  return checked;
}

/** Looks at one claim in a world where it was made false, which is gone afterwards. */
export async function checkFalsified<World extends Aside<World>>(
  claim: Claim<World>,
  world: World,
): Promise<Checked> {
  try {
    // Expected before the change: a claim whose expected side is a reading too must not follow the change.
    const expected = await claim.expected(world);
    const still: Claim<World> = { ...claim, expected: () => expected };
    return await world.aside(async (aside) => check(still, await claim.falsify(aside), true));
  } catch (error) {
    return outcome(claim, null, { error: messageOf(error) }, true);
  }
}

async function check<World>(claim: Claim<World>, world: World, falsified: boolean): Promise<Checked> {
  let expected: Fact = null;
  try {
    expected = await claim.expected(world);
    return outcome(claim, expected, { found: await claim.read(world) }, falsified);
  } catch (error) {
    return outcome(claim, expected, { error: messageOf(error) }, falsified);
  }
}

function outcome<World>(
  { name, step, says, from }: Claim<World>,
  expected: Fact,
  seen: { readonly found: Fact } | { readonly error: string },
  falsified: boolean,
): Checked {
  const error = 'error' in seen ? seen.error : null;
  const found = 'found' in seen ? seen.found : null;
  return { name, step, says, from, expected, found, held: error === null && isDeepStrictEqual(expected, found), falsified, error };
}

/**
 * The story's exit code: 0 only when every claim was looked at and held.
 *
 * @param names the claims there are: one that was never reached did not hold.
 */
export function exitCode(checked: readonly Checked[], names: readonly string[]): 0 | 1 {
  const held = new Set(checked.filter((one) => one.held).map(({ name }) => name));
  const all = names.length > 0 && names.every((name) => held.has(name)) && checked.every((one) => one.held);
  return all ? 0 : 1;
}

/**
 * Names given to `--falsify`, checked: `a,b`, or `each` for all of them.
 *
 * @throws Error naming what is unknown and what there is.
 */
export function readFalsify(value: string | undefined, names: readonly string[]): ReadonlySet<string> {
  if (value === undefined) return new Set();
  if (value === 'each') return new Set(names);
  const asked = value.split(',').map((name) => name.trim());
  const unknown = asked.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new Error(`--falsify does not know ${unknown.join(', ')}; the claims are ${names.join(', ')}, or each for all.`);
  }
  return new Set(asked);
}

/** A claim's text on the terminal is not longer than this: a set of differences can be. */
const FACT_LENGTH = 110;

/**
 * Claims as text: a line each, names aligned; a claim that did not hold has expected under found, so that the eye meets
 * the difference.
 */
export function renderClaims(checked: readonly Checked[], colors: Colors): string {
  const width = Math.max(0, ...checked.map(({ name }) => name.length));
  return checked.map((one) => renderClaim(one, width, colors)).join('\n');
}

function renderClaim(one: Checked, width: number, colors: Colors): string {
  const { name, says, from, expected, found, held, error, falsified } = one;
  const mark = held ? colors.green('✓') : colors.red('✗');
  const note = falsified ? colors.yellow(' (falsified on purpose)') : '';
  const margin = ' '.repeat(width + 5);
  const heading = `  ${mark} ${colors.bold(name.padEnd(width))} ${says}${note}`;
  const reading = error === null ? factText(found) : `could not be read: ${error}`;
  return [
    heading,
    `${margin}${colors.dim('expected')} ${held ? factText(expected) : colors.green(factText(expected))}`,
    `${margin}${colors.dim('found   ')} ${held ? reading : colors.red(reading)} ${colors.dim(`← ${from}`)}`,
  ].join('\n');
}

/** How many held, in one line. */
export function renderTally(checked: readonly Checked[], names: readonly string[], colors: Colors): string {
  const held = checked.filter((one) => one.held).length;
  const missing = names.filter((name) => !checked.some((one) => one.name === name));
  const failed = checked.filter((one) => !one.held).map(({ name }) => name);
  const lines = [
    `${held} of ${names.length} claims held`,
    ...(failed.length > 0 ? [`did not hold: ${failed.join(', ')}`] : []),
    ...(missing.length > 0 ? [`never reached: ${missing.join(', ')}`] : []),
  ];
  return exitCode(checked, names) === 0 ? colors.green(lines.join('; ')) : colors.red(lines.join('; '));
}

function factText(fact: Fact): string {
  const text = Array.isArray(fact) ? fact.map(factText).join(', ') : typeof fact === 'string' ? fact : spaced(fact);
  const shown = text === '' ? 'nothing' : text;
  return shown.length > FACT_LENGTH ? `${shown.slice(0, FACT_LENGTH)}…` : shown;
}

function spaced(fact: Fact): string {
  if (typeof fact !== 'object' || fact === null) return String(fact);
  return Object.entries(fact)
    .map(([key, value]: [string, Fact]) => `${key} ${factText(value)}`)
    .join(' · ');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
