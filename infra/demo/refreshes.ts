import { nextRefresh, firstRefresh } from './plot.ts';
import { publishedBeside, shrinkIncidents } from './step-claims/7-shrunken.ts';
import { heldVerdictOf } from './step-claims/held-gate.ts';
import { reload, wait, worldNow, type Telling } from './telling.ts';

/** Runs the first daily refresh to its end. */
export async function refreshDimensions({ runs, systems, narrator, notes }: Telling): Promise<void> {
  notes.customers = await systems.countCustomers();
  await narrator.during('dailyDimensionRefresh', async () => {
    await runs.start('dailyDimensionRefresh', notes.dailyWorkflowId, firstRefresh);
    await runs.ended(notes.dailyWorkflowId);
  });
}

/** Runs the next daily refresh over what is left of the stores, until it is held and has done all else. */
export async function refreshShrunken(telling: Telling): Promise<void> {
  const { runs, systems, notes } = telling;
  const world = worldNow(telling);
  notes.customerChanges = await systems.changeCustomers();
  await systems.loseHalfTheStores();
  await runs.start('dailyDimensionRefresh', notes.nextDailyWorkflowId, nextRefresh);
  await wait(telling, 'the gate holds the stores', async () => {
    return (await world.temporal.run(notes.nextDailyWorkflowId)).gateState === 'held';
  });
  await wait(telling, 'everything else is published', async () => {
    return (await publishedBeside(world)).includes('dim_products_history');
  });
  await wait(telling, 'on-call is told', async () => (await shrinkIncidents(world)).length > 0);
}

/** The stores are there again: the held refresh reads them and ends. */
export async function mendStores(telling: Telling): Promise<void> {
  const { systems, runs, narrator, notes } = telling;
  const world = worldNow(telling);
  await systems.mendStores();
  const verdictId = await heldVerdictOf(world, notes.nextDailyWorkflowId, 'dim_stores');
  await reload(telling, notes.nextDailyWorkflowId, verdictId, 'All stores are in their system again');
  await narrator.during('the run reads the stores again and ends', () =>
    runs.ended(notes.nextDailyWorkflowId),
  );
  await wait(telling, 'the incident resolves', async () =>
    (await shrinkIncidents(world)).every(({ status }) => status === 'resolved'),
  );
}
