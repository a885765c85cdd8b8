import { checkClaims, falsifyEach, type Checked, type Falsified, type Step } from './claims.ts';
import { renderClaims } from './claims-text.ts';
import { land, readSample, splitHours } from './hours.ts';
import type { HourMark } from './narrate.ts';
import { plotStory, redelivery, spoiledHour, type Scene } from './plot.ts';
import { mendStores, refreshDimensions, refreshShrunken } from './refreshes.ts';
import { heldVerdictId } from './step-claims/held-gate.ts';
import { storyIncidents } from './step-claims/story-incidents.ts';
import { claimsOfStep } from './story-claims.ts';
import { reload, wait, worldNow, type Stage, type Telling } from './telling.ts';
import { isAbandoned, type TakenDecision, type ToldScene, type World } from './world.ts';

/** What came of it. */
export interface Told {
  readonly checked: readonly Checked[];
  /** Empty unless asked for. */
  readonly falsified: readonly Falsified[];
}

/**
 * Tells the steps, each followed by its claims. Before: migrations have run, the operational tables are loaded
 * (`loadOperational`), the schedules are there and paused, and a worker runs.
 *
 * @throws Error when a run fails that the rest of the story needs.
 */
export async function tellStory(stage: Stage): Promise<Told> {
  const telling = begin(stage);
  const scenes = plotStory(splitHours(await readSample()));
  const hours = (...roles: readonly Scene['role'][]) => scenes.filter(({ role }) => roles.includes(role));
  const [bad] = hours('bad');
  if (!bad) throw new Error('the plot has no bad hour');

  telling.narrator.step(1, 'The house is built and its schedules wait');
  await claim(telling, 1);
  telling.narrator.step(2, 'Stores and products, in full, through a gate each');
  await refreshDimensions(telling);
  await claim(telling, 2);
  telling.narrator.step(3, 'Two days of baskets land hour by hour');
  await tellHours(telling, hours('ordinary', 'malformed'));
  await claim(telling, 3);
  telling.narrator.step(4, 'A bad hour lands, and the gate holds it');
  const held = await landBadHour(telling, bad);
  await tellHours(telling, hours('duringHold'));
  await claim(telling, 4);
  if (telling.onHeld) {
    // Delivered before the look, so that whoever looks can release the run from the UI.
    await land(telling.landingFolder, [redelivery(held)]);
    await telling.onHeld(held.workflowId);
  }
  telling.narrator.step(5, 'The source delivers the hour again, mended');
  await mend(telling, held);
  const [next, ...rest] = hours('afterwards');
  // Whoever takes the rows that waited, the released run or the next one: the claims come after both.
  if (next) await tellHours(telling, [next]);
  if (isAbandoned(telling.notes)) await resolved(telling);
  await claim(telling, 5);
  telling.narrator.step(6, 'The rest of the day lands, and the sums agree');
  await tellHours(telling, rest);
  await claim(telling, 6);
  telling.narrator.step(7, 'The next day half of the stores are gone, and the refresh is held');
  await refreshShrunken(telling);
  await claim(telling, 7);
  telling.narrator.step(8, 'The store system is mended; histories keep what changed');
  await mendStores(telling);
  await claim(telling, 8);
  telling.narrator.end();
  return { checked: telling.checked, falsified: telling.falsified };
}

function begin(stage: Stage): Telling {
  const { landingFolder, environment, storyId } = stage;
  const notes = {
    landingFolder,
    environment,
    startedAt: new Date().toISOString(),
    dailyWorkflowId: `${storyId}-daily-dimension-refresh`,
    nextDailyWorkflowId: `${storyId}-next-daily-dimension-refresh`,
    customers: null,
    customerChanges: null,
    told: [],
    decisions: [],
  };
  return { ...stage, notes, checked: [], falsified: [] };
}

/** Reads a step's claims and tells them. */
async function claim(telling: Telling, number: Step): Promise<void> {
  const { narrator, falsify, checked, falsified } = telling;
  const world = worldNow(telling);
  const claims = claimsOfStep(number);
  const found = await checkClaims(claims, world, falsify);
  checked.push(...found);
  narrator.block(renderClaims(found, narrator.colors));
  if (!telling.falsifyEach) return;
  const each = await falsifyEach(claims, world, found);
  falsified.push(...each);
  const seen = each.filter((one) => one.exitCode !== 0 && one.checked.error === null).length;
  narrator.say(`each falsified once, and put back: ${seen} of ${each.length} readings saw it`);
}

/** Lands hours and runs each to its end, a line a day. Each mark is what the run itself says of its baskets. */
async function tellHours(telling: Telling, scenes: readonly Scene[]): Promise<void> {
  const days = Map.groupBy(scenes, ({ hour }) => hour.name.slice(0, 'YYYY-MM-DD'.length));
  for (const [day, ofDay] of days) {
    const [first, last] = [ofDay[0], ofDay.at(-1)].map((scene) => scene?.hour.name.slice(-2));
    const line = telling.narrator.hours(`${day} ${first === last ? `${first}   ` : `${first}–${last}`}`);
    for (const scene of ofDay) {
      const { workflowId } = await startHour(telling, scene);
      await telling.runs.ended(workflowId);
      line.mark(markOf((await worldNow(telling).temporal.outcomes(workflowId))['stg_transactions']?.state));
    }
    line.end(`${ofDay.reduce((sum, { hour }) => sum + hour.baskets.length, 0)} baskets`);
  }
}

function markOf(state: string | undefined): HourMark {
  if (state === 'published' || state === 'empty') return state;
  return state === 'heldElsewhere' ? 'left' : 'held';
}

async function startHour({ runs, landingFolder, storyId, notes }: Telling, scene: Scene): Promise<ToldScene> {
  const told: ToldScene = { ...scene, workflowId: `${storyId}-hourly-${scene.hour.name}` };
  await land(landingFolder, scene.deliveries);
  await runs.start('hourlyIncrementalLoad', told.workflowId, scene.hour.end);
  notes.told.push(told);
  return told;
}

/** Lands the bad hour and waits until its run is held and on-call knows. */
async function landBadHour(telling: Telling, bad: Scene): Promise<ToldScene> {
  const { narrator } = telling;
  for (const { trouble } of spoiledHour(bad).broken) narrator.say(`${bad.hour.name} has ${trouble}`);
  const told = await startHour(telling, bad);
  const world = worldNow(telling);
  await wait(telling, 'the gate holds the run', async () => {
    return (await world.temporal.run(told.workflowId)).gateState === 'held';
  });
  await wait(telling, 'on-call is told', async () => (await storyIncidents(world)).length > 0);
  return told;
}

async function mend(telling: Telling, held: ToldScene): Promise<void> {
  const { landingFolder, narrator, runs, notes } = telling;
  const world = worldNow(telling);
  await land(landingFolder, [redelivery(held)]);
  notes.decisions = await decisionsByHand(world, held);
  if ((await world.temporal.run(held.workflowId)).gateState === 'held')
    notes.decisions = [...notes.decisions, await release(telling, held)];
  if (notes.decisions.length === 0) narrator.say('nobody decided: the run found the mended file by itself');
  if (isAbandoned(notes)) {
    narrator.say('the batch was given up: the next run meets its rows, mended, and resolves the incident');
    return;
  }
  await narrator.during('the run takes the new revision and ends', () => runs.ended(held.workflowId));
  await resolved(telling);
}

/** Waits until on-call has been told that it is good again. */
function resolved(telling: Telling): Promise<void> {
  const world = worldNow(telling);
  return wait(telling, 'the incident resolves', async () =>
    (await storyIncidents(world)).every(({ status }) => status === 'resolved'),
  );
}

async function release(telling: Telling, held: ToldScene): Promise<TakenDecision> {
  const verdictId = await heldVerdictId(worldNow(telling));
  const why = 'The tills delivered the hour again, mended';
  return { ...(await reload(telling, held.workflowId, verdictId, why)), decision: 'reloadAndRetry' };
}

/** What whoever looked around has pressed; nothing where nobody did, and the run found the mended file by itself. */
async function decisionsByHand(world: World, { workflowId }: ToldScene): Promise<readonly TakenDecision[]> {
  const rows = await world.rows(
    'select decision, verdict_id, reason, decided_by from control.decision where workflow_id = $1 order by decision_id',
    [workflowId],
  );
  return rows.map(({ decision, verdict_id, reason, decided_by }) => ({
    decision: String(decision),
    verdictId: String(verdict_id),
    reason: String(reason),
    by: String(decided_by),
  }));
}
