import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exitCode } from '../../../infra/demo/claims.ts';
import { createNarrator } from '../../../infra/demo/narrate.ts';
import { loadOperational } from '../../../infra/demo/operational.ts';
import { createRuns } from '../../../infra/demo/runs.ts';
import { sourceSystems } from '../../../infra/demo/source-systems.ts';
import { claimNames } from '../../../infra/demo/story-claims.ts';
import { tellStory } from '../../../infra/demo/story.ts';
import { openWorld, type OpenWorld } from '../../../infra/demo/world.ts';
import { ensureMonitor } from '../../../workers/monitor.ts';
import { applySchedules } from '../../../workers/schedules.ts';
import type { Served } from '../../../catalogue/serve.ts';
import { serveWeir } from '../../setup/catalogue.ts';
import { testWeir, type TestWeir } from '../../setup/weir.ts';

let weir: TestWeir;
let world: OpenWorld;
let catalogue: Served;
const monitorId = `freshness-monitor-${randomUUID()}`;

beforeAll(async () => {
  weir = await testWeir({ repositoryUrl: 'http://localhost' });
  const { adminUrl } = weir.database;
  await loadOperational(adminUrl);
  await applySchedules(weir.temporal.client, { taskQueue: weir.settings.taskQueue, paused: true });
  const { client, taskQueue } = weir.temporal;
  await ensureMonitor({ client, taskQueue, workflowId: monitorId, log: () => undefined });
  catalogue = await serveWeir(weir);
  world = await openWorld({ adminUrl, client, incidents: weir.standIn, catalogueUrl: catalogue.url });
});
afterAll(async () => {
  await world?.close();
  await catalogue?.close();
  await weir?.temporal.client.workflow.getHandle(monitorId).terminate('the story has been told');
  await weir?.close();
});

it(
  'the story of the demo holds on real servers, and each of its claims can fail',
  { timeout: 300_000 },
  async () => {
    let text = '';
    const { landingFolder, environment, taskQueue } = weir.settings;
    const { adminUrl } = weir.database;
    const told = await tellStory({
      world,
      runs: createRuns(weir.temporal.client, taskQueue),
      narrator: createNarrator({
        output: { write: (part) => void (text += part) },
        env: {},
        nowMs: () => performance.now(),
      }),
      systems: sourceSystems(adminUrl, adminUrl),
      landingFolder,
      environment,
      storyId: `story-${randomUUID().slice(0, 8)}`,
      falsifyEach: true,
    });
    expect(told.checked.filter(({ held }) => !held)).toEqual([]);
    expect(text).toContain('2017-01-07 16–17 ○○ 64 baskets');
    expect(exitCode(told.checked, claimNames)).toBe(0);
    expect(told.falsified.map(({ name }) => name)).toEqual(claimNames);
    for (const one of told.falsified) {
      expect(one).toMatchObject({ exitCode: 1, checked: { held: false, falsified: true, error: null } });
    }
  },
);
