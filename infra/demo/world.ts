import type { Client as TemporalClient } from '@temporalio/client';
import pg from 'pg';
import type { Aside, Claim, Fact } from './claims.ts';
import { visit, type CataloguePage } from './readings/catalogue.ts';
import { readIncidents, type IncidentFacts, type IncidentsApi } from './readings/incidents.ts';
import { temporalReadings, type TemporalReadings } from './readings/temporal.ts';
import type { Scene } from './plot.ts';
import type { CustomerChanges } from './source-systems.ts';

/** What the story noted while it was told: ids it chose and files it delivered, never anything it read. */
export interface StoryNotes {
  /** The landing folder. */
  readonly landingFolder: string;
  /** The worker's `environment`: the second part of every dedup key. */
  readonly environment: string;
  /** ISO 8601: incidents from before are of an earlier story. */
  readonly startedAt: string;
  readonly dailyWorkflowId: string;
  /** The refresh of the day after the story's hours. */
  readonly nextDailyWorkflowId: string;
  /** Households of the loyalty system at the first refresh, and what changed before the next; null before each. */
  readonly customers: number | null;
  readonly customerChanges: CustomerChanges | null;
  /** Hours whose run was started, in order. */
  readonly told: readonly ToldScene[];
  /** What was decided about the held gate, in order; none before, and where the run found the mended file by itself. */
  readonly decisions: readonly TakenDecision[];
}

export interface ToldScene extends Scene {
  readonly workflowId: string;
}

export interface SentDecision {
  readonly verdictId: string;
  readonly reason: string;
  readonly by: string;
}

/** A decision, and which: `reloadAndRetry`. */
export interface TakenDecision extends SentDecision {
  readonly decision: string;
}

/** Whether the held batch was given up: then the next run meets its rows, and the run that held them fails. */
export function isAbandoned({ decisions }: Pick<StoryNotes, 'decisions'>): boolean {
  return decisions.at(-1)?.decision === 'abandon';
}

export type Row = Readonly<Record<string, unknown>>;

/** Where the claims are read: Postgres, Temporal's API, the stand-in's API and the catalogue, and the story's notes. */
export interface World extends Aside<World> {
  readonly notes: StoryNotes;
  readonly rows: (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;
  /** Changes something; answers how many rows. Only ever called aside. */
  readonly change: (text: string, values?: readonly unknown[]) => Promise<number>;
  readonly temporal: TemporalReadings;
  readonly incidents: () => Promise<readonly IncidentFacts[]>;
  /** A page of the catalogue, by its path: `/index.html`. */
  readonly catalogue: (path: string) => Promise<CataloguePage>;
}

/** The world of the story's readings, and how to leave it. */
export interface OpenWorld {
  readonly at: (notes: StoryNotes) => World;
  close(): Promise<void>;
}

/**
 * Opens a connection of the claims' own. Claims that are falsified change rows inside a transaction that is always
 * rolled back, so the login must be allowed to change anything: the admin's.
 */
export async function openWorld(options: {
  readonly adminUrl: string;
  readonly client: TemporalClient;
  readonly incidents: IncidentsApi;
  /** Where the catalogue is served, without a slash at its end. */
  readonly catalogueUrl: string;
}): Promise<OpenWorld> {
  const connection = new pg.Client({
    connectionString: options.adminUrl,
    application_name: 'weir demo claims',
    options: '-c TimeZone=UTC',
  });
  // At Ctrl-C the server goes first: the reading that meets it says so.
  connection.on('error', () => undefined);
  await connection.connect();
  const temporal = temporalReadings(options.client);
  return {
    at: (notes) =>
      worldOf(connection, {
        ...{ notes, temporal, incidents: () => readIncidents(options.incidents) },
        catalogue: (path) => visit(options.catalogueUrl, path),
      }),
    close: () => connection.end(),
  };
}

/** A world over a connection and answers: what `openWorld` makes, and a test with answers of its own. */
export function worldOf(
  connection: pg.Client,
  answers: Pick<World, 'notes' | 'temporal' | 'incidents' | 'catalogue'>,
): World {
  const world: World = {
    ...answers,
    rows: async (text, values = []) => (await connection.query<Row>(text, [...values])).rows,
    change: async (text, values = []) => (await connection.query(text, [...values])).rowCount ?? 0,
    aside: async (look) => {
      await connection.query('begin');
      try {
        return await look(world);
      } finally {
        await connection.query('rollback');
      }
    },
  };
  return world;
}

/** A claim about the story's world. */
export type StoryClaim = Claim<World>;

/**
 * Falsifies by a change in Postgres, undone afterwards.
 *
 * @throws Error when the change met no row: then it would prove nothing.
 */
export function byChanging(
  text: string,
  values: (world: World) => readonly unknown[] = () => [],
): (world: World) => Promise<World> {
  return async (world) => {
    const changed = await world.change(text, values(world));
    if (changed === 0) throw new Error(`nothing to falsify: no row is changed by ${text}`);
    return world;
  };
}

/** Falsifies by a statement that changes no rows, such as a grant; undone afterwards. */
export function byCommand(text: string): (world: World) => Promise<World> {
  return async (world) => {
    await world.change(text);
    return world;
  };
}

/** Falsifies by answering in Temporal's place: its answers cannot be changed and changed back. */
export function byAnswering(
  answers: (temporal: TemporalReadings) => Partial<TemporalReadings>,
): (world: World) => World {
  return (world) => ({ ...world, temporal: { ...world.temporal, ...answers(world.temporal) } });
}

/** Falsifies by answering in the stand-in's place: an incident that was resolved cannot be opened again. */
export function byIncidents(
  answer: (incidents: readonly IncidentFacts[]) => readonly IncidentFacts[],
): (world: World) => World {
  return (world) => ({ ...world, incidents: async () => answer(await world.incidents()) });
}

/** Falsifies by another page than the catalogue answers: it reads what is committed. */
export function byVisiting(answer: (page: CataloguePage) => CataloguePage): (world: World) => World {
  return (world) => ({ ...world, catalogue: async (path) => answer(await world.catalogue(path)) });
}

/** The only column of the only row. */
export async function readOne(world: World, text: string, values: readonly unknown[] = []): Promise<Fact> {
  const [row] = await world.rows(text, values);
  return readFact(Object.values(row ?? {})[0]);
}

/** The first column of every row. */
export async function readList(
  world: World,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Fact[]> {
  return (await world.rows(text, values)).map((row) => readFact(Object.values(row)[0]));
}

/** Rows of two columns, `name` and `value`, as an object. */
export async function readPairs(
  world: World,
  text: string,
  values: readonly unknown[] = [],
): Promise<Readonly<Record<string, Fact>>> {
  const rows = await world.rows(text, values);
  return Object.fromEntries(rows.map(({ name, value }) => [String(name), readFact(value)]));
}

function readFact(value: unknown): Fact {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new Error(
    `a claim's SQL must return text, numbers or booleans, not ${typeof value}: cast it in the query`,
  );
}
