/**
 * The window of a load: which rows of each delta it reads.
 *
 * - `arrival`: every row committed since the last published window. `from` is the snapshot of the watermark
 *   (null: nothing was published yet, so everything visible), `to` the snapshot this load took.
 *   With `rebuild` the target becomes exactly what everything visible makes: `from` is null although there may be a
 *   watermark, which `noted` keeps, so that publish can tell that nobody has moved it meanwhile.
 * - `interval`: rows whose time column lies in `[start, end)`, UTC ISO 8601, as far as the snapshot this load took sees
 *   them: what comes after its gate has looked is not in it. Does not move the watermark.
 * - `whole`: no delta at all (a full refresh). `to` is what was committed when the load was opened: it bounds nothing, and
 *   tells what has come since.
 *
 * `replayOf` is the load whose window this is again. A replay moves no watermark.
 */
export type Window =
  | {
      readonly kind: 'arrival';
      readonly deltas: Readonly<Record<string, DeltaBounds>>;
      readonly rebuild?: true;
      readonly replayOf?: number;
    }
  | {
      readonly kind: 'interval';
      readonly start: string;
      readonly end: string;
      /** The snapshot of this load, a `pg_snapshot` text. */
      readonly to: string;
      readonly deltas: readonly string[];
      readonly replayOf?: number;
    }
  | { readonly kind: 'whole'; readonly to?: string };

/** Two `pg_snapshot` texts (`xmin:xmax:xip_list`): what had been published, and what this load may see. */
export interface DeltaBounds {
  readonly from: string | null;
  readonly to: string;
  /** Of a rebuild: the watermark as it stood when the window was opened; null where there was none. */
  readonly noted?: string | null;
}

/** True for a load that makes its incremental target anew from whole relations. */
export function isRebuild(window: Window): boolean {
  return window.kind === 'arrival' && window.rebuild === true;
}

/** The load whose window a replay reads again; null for any other load. */
export function replayedLoad(window: Window): number | null {
  return window.kind === 'whole' ? null : (window.replayOf ?? null);
}

/** A `pg_snapshot` taken apart: transactions before `xmax` that are not in `xip` had ended. */
export interface Snapshot {
  readonly xmin: string;
  readonly xmax: string;
  readonly xip: readonly string[];
}

/**
 * Reads the text of a `pg_snapshot`, `xmin:xmax:xip_list`.
 *
 * @see https://www.postgresql.org/docs/18/functions-info.html#FUNCTIONS-PG-SNAPSHOT-PARTS
 * @throws Error when the text is not one.
 */
export function parseSnapshot(text: string): Snapshot {
  const match = /^(\d+):(\d+):((?:\d+(?:,\d+)*)?)$/.exec(text);
  const [, xmin, xmax, list] = match ?? [];
  if (xmin === undefined || xmax === undefined || list === undefined) {
    throw new Error(
      `Not a pg_snapshot: ${JSON.stringify(text)}. Expected xmin:xmax:xip_list, such as 10:20:10,14.`,
    );
  }
  return { xmin, xmax, xip: list === '' ? [] : list.split(',') };
}

/** A setting's name and its value, both text; an empty value counts as not set. */
export type Setting = readonly [name: string, value: string];

/** The settings of a window that the view `delta.<relation>` reads. */
const deltaSettings = ['mode', 'from_xmax', 'from_xip', 'to_xmax', 'to_xip', 'start', 'end'] as const;

type DeltaSettings = Partial<Record<(typeof deltaSettings)[number], string>>;

function settingsOf(relation: string, values: DeltaSettings): readonly Setting[] {
  return deltaSettings.map((name) => [`weir.${relation}.${name}`, values[name] ?? ''] as const);
}

function arrayLiteral(xids: readonly string[]): string {
  return `{${xids.join(',')}}`;
}

/** Before the first publish nothing had ended: a snapshot that no transaction was visible in. */
const nothingPublished: Snapshot = { xmin: '0', xmax: '0', xip: [] };

function arrivalSettings({ from, to }: DeltaBounds): DeltaSettings {
  const old = from === null ? nothingPublished : parseSnapshot(from);
  return { mode: 'arrival', from_xmax: old.xmax, from_xip: arrayLiteral(old.xip), ...seenSettings(to) };
}

function seenSettings(to: string): DeltaSettings {
  const seen = parseSnapshot(to);
  return { to_xmax: seen.xmax, to_xip: arrayLiteral(seen.xip) };
}

/**
 * What a session sets so that `delta.<relation>` shows the rows of a window and of nothing else. Every setting of a
 * relation is named, the unused ones as empty text, so that a window leaves nothing of the one before it.
 *
 * `from_xmax` and `to_xmax` are xid8, `from_xip` and `to_xip` array literals of xid8, `start` and `end` timestamptz.
 */
export function windowSettings(window: Window): readonly Setting[] {
  switch (window.kind) {
    case 'arrival':
      return Object.entries(window.deltas).flatMap(([relation, bounds]) =>
        settingsOf(relation, arrivalSettings(bounds)),
      );
    case 'interval': {
      const { start, end, to } = window;
      const values = { mode: 'interval', start, end, ...seenSettings(to) };
      return window.deltas.flatMap((relation) => settingsOf(relation, values));
    }
    case 'whole':
      return [];
  }
}

/** The relations whose deltas a window bounds. */
export function windowDeltas(window: Window): readonly string[] {
  switch (window.kind) {
    case 'arrival':
      return Object.keys(window.deltas);
    case 'interval':
      return window.deltas;
    case 'whole':
      return [];
  }
}

/** The setting that `as_of.now()` reads. @param asOf ISO 8601, UTC. */
export function asOfSetting(asOf: string): Setting {
  return ['weir.as_of', asOf];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readBounds(value: unknown): DeltaBounds | null {
  if (!isRecord(value)) return null;
  const { from, to, noted } = value;
  if (typeof to !== 'string' || (from !== null && typeof from !== 'string')) return null;
  if (noted === undefined) return { from, to };
  return noted === null || typeof noted === 'string' ? { from, to, noted } : null;
}

function readDeltas(value: unknown): Readonly<Record<string, DeltaBounds>> | null {
  if (!isRecord(value)) return null;
  const deltas = Object.entries(value).map(([relation, bounds]) => [relation, readBounds(bounds)] as const);
  const whole = deltas.flatMap(([relation, bounds]) =>
    bounds === null ? [] : [[relation, bounds] as const],
  );
  return whole.length === deltas.length ? Object.fromEntries(whole) : null;
}

/**
 * Reads a window as the ledger keeps it.
 *
 * @throws Error when it is not one: an earlier or later Weir wrote another shape.
 */
export function readWindow(value: unknown): Window {
  if (isRecord(value)) {
    const { kind, start, end, to, deltas, rebuild, replayOf } = value;
    if (kind === 'whole') return { kind, ...(typeof to === 'string' ? { to } : {}) };
    const again = typeof replayOf === 'number' ? { replayOf } : {};
    if (kind === 'arrival') {
      const bounds = readDeltas(deltas);
      if (bounds !== null)
        return { kind, deltas: bounds, ...(rebuild === true ? { rebuild: true } : {}), ...again };
    }
    if (
      kind === 'interval' &&
      typeof start === 'string' &&
      typeof end === 'string' &&
      typeof to === 'string' &&
      Array.isArray(deltas)
    ) {
      const relations = deltas.filter((one) => typeof one === 'string');
      if (relations.length === deltas.length) return { kind, start, end, to, deltas: relations, ...again };
    }
  }
  throw new Error(
    `control.load.read_window is not a window that this version of Weir knows: ${JSON.stringify(value)}. ` +
      'Load the model anew; the ledger row stays as it is.',
  );
}
