import type { FreshDatabase } from '../setup/database.ts';

/** What a guide's own preparation is handed: `test/guides/<name of the guide>.ts` exports it as `prepare`. */
export interface GuideWorld {
  /** Migrated; no model is deployed yet. */
  readonly database: FreshDatabase;
  /** Where the guide's commands run. Empty but for the files that the guide itself shows. */
  readonly folder: string;
}

/** What a preparation leaves for the guide's commands. */
export interface PreparedGuide {
  /** Set for each command, on top of what every guide has. */
  readonly env?: Readonly<Record<string, string>>;
  /** What differs from run to run, beside times and durations: each match counts as the text in its place. */
  readonly varying?: readonly (readonly [pattern: RegExp, text: string])[];
  /** Stops what was started. */
  readonly close?: () => Promise<void>;
}

/** Makes what a guide's reader is told to have: tables, deployed models, rows that have landed. */
export type PrepareGuide = (world: GuideWorld) => Promise<PreparedGuide>;
