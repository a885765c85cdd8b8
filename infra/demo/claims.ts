import { isDeepStrictEqual } from 'node:util';

/** What a claim compares: plain JSON. */
export type Fact = string | number | boolean | null | readonly Fact[] | { readonly [key: string]: Fact };

/** The steps of the story. */
export type Step = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

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
  return {
    name,
    step,
    says,
    from,
    expected,
    found,
    held: error === null && isDeepStrictEqual(expected, found),
    falsified,
    error,
  };
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

/** A claim that was falsified in a story that otherwise went as it went, and the exit code of such a story. */
export interface Falsified {
  readonly name: string;
  readonly checked: Checked;
  readonly exitCode: 0 | 1;
}

/**
 * Falsifies claims one at a time, each in the world as it is, and says how the story would have ended. An exit code of
 * 0, or a reading that could not be made at all, is a claim that proves nothing.
 *
 * @param checked the same claims as they were read before: taken for all but the one that is falsified.
 */
export async function falsifyEach<World extends Aside<World>>(
  claims: readonly Claim<World>[],
  world: World,
  checked: readonly Checked[],
): Promise<readonly Falsified[]> {
  const names = claims.map(({ name }) => name);
  const each: Falsified[] = [];
  for (const claim of claims) {
    const { name } = claim;
    const falsified = await checkFalsified(claim, world);
    const others = checked.filter((one) => one.name !== name);
    each.push({ name, checked: falsified, exitCode: exitCode([...others, falsified], names) });
  }
  return each;
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
    throw new Error(
      `--falsify does not know ${unknown.join(', ')}; the claims are ${names.join(', ')}, or each for all.`,
    );
  }
  return new Set(asked);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
