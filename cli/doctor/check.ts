import type { Database } from '../../activities/databases.ts';
import type { Repository } from '../../activities/repository.ts';
import type { TemporalClient } from '../../workers/temporal.ts';

/** `skipped`: what it looks at cannot be reached, which another check says. */
export type Level = 'ok' | 'skipped' | 'warning' | 'broken';

/** One thing that a check found, and what to do about it. */
export interface Finding {
  readonly level: Level;
  readonly found: string;
  /** What mends it; null where nothing is to be mended. */
  readonly mend: string | null;
}

/** What the checks look at. What could not be had is null: its own check says why. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** The administrator's; null where the setting is missing or none of a Postgres. */
  readonly databaseUrl: string | null;
  /** As the administrator. */
  readonly database: Database | null;
  readonly temporal: TemporalClient | null;
  readonly taskQueue: string;
  /** Models and suites; null where they cannot be used. */
  readonly repository: Repository | null;
  /** What is wrong with models and suites, a line each; empty where nothing is. */
  readonly refusals: readonly string[];
}

/** One thing that is looked at. A file each in this folder. */
export interface Check {
  /** One or two words. */
  readonly name: string;
  /** Says all that it finds. May throw: that is a finding too. */
  run(surroundings: Surroundings): Promise<readonly Finding[]> | readonly Finding[];
}

/** That it is as it should be. */
export function ok(found: string): Finding {
  return { level: 'ok', found, mend: null };
}

/** Works now and may not, or not for long. */
export function warning(found: string, mend: string): Finding {
  return { level: 'warning', found, mend };
}

/** Does not work. */
export function broken(found: string, mend: string): Finding {
  return { level: 'broken', found, mend };
}

/** What is said where the database, Temporal or the files cannot be had. */
export function skipped(what: string): readonly Finding[] {
  return [{ level: 'skipped', found: `not looked at: ${what}`, mend: null }];
}

/** How long the doctor waits for anybody's answer, milliseconds. */
export const PATIENCE_MS = 5_000;
