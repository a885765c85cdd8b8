import { until } from '../local/until.ts';
import type { Checked, Falsified } from './claims.ts';
import type { Narrator } from './narrate.ts';
import type { Runs } from './runs.ts';
import type { SourceSystems } from './source-systems.ts';
import type { OpenWorld, SentDecision, StoryNotes, ToldScene, World } from './world.ts';

/** What the story is told with. It starts nothing that has to be stopped. */
export interface Stage {
  readonly world: OpenWorld;
  readonly runs: Runs;
  readonly narrator: Narrator;
  readonly systems: SourceSystems;
  readonly landingFolder: string;
  /** The worker's environment. One of its own a story, so that dedup keys are. */
  readonly environment: string;
  /** Begins every workflow id of this story; never used before. */
  readonly storyId: string;
  /** Claims to make false before they are read. */
  readonly falsify?: ReadonlySet<string>;
  /** Also falsify each claim once, after it was read: a self-test. */
  readonly falsifyEach?: boolean;
  /** Called while the gate is held, once on-call knows: for a look at the UI. */
  readonly onHeld?: (workflowId: string) => Promise<void>;
}

/** How long the story waits for something that should take a second. Then it goes on, and a claim says what is missing. */
const PATIENCE_MS = 60_000;

/** The story as it is being told. */
export interface Telling extends Stage {
  readonly notes: { -readonly [Key in keyof StoryNotes]: StoryNotes[Key] } & { told: ToldScene[] };
  readonly checked: Checked[];
  readonly falsified: Falsified[];
}

/** The world as the story's notes are now. */
export function worldNow({ world, notes }: Telling): World {
  return world.at(notes);
}

/** Waits for something that the next claims read anyway: when it does not come, they say so. */
export async function wait(
  { narrator }: Telling,
  what: string,
  condition: () => Promise<boolean>,
): Promise<void> {
  await narrator
    .during(what, () => until(condition, { what, timeoutMs: PATIENCE_MS, everyMs: 50 }))
    .catch(() => undefined);
}

/** Lets a held run read its source again. */
export async function reload(
  { runs, narrator }: Telling,
  workflowId: string,
  verdictId: string,
  reason: string,
): Promise<SentDecision> {
  const decision = { verdictId, reason, by: 'the demo' };
  narrator.say(`reloadAndRetry ${JSON.stringify(decision)}`);
  await runs.decide(workflowId, 'reloadAndRetry', decision);
  return decision;
}
