import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkClaims, falsifyEach, type Step } from '../../../infra/demo/claims.ts';
import { land, readSample, splitHours } from '../../../infra/demo/hours.ts';
import { loadOperational } from '../../../infra/demo/operational.ts';
import { plotStory, redelivery } from '../../../infra/demo/plot.ts';
import type { IncidentFacts } from '../../../infra/demo/readings/incidents.ts';
import { claimsOfStep } from '../../../infra/demo/story-claims.ts';
import { worldOf, type StoryNotes, type ToldScene, type World } from '../../../infra/demo/world.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { pretend, pretendedIncident, pretendedTemporal, verdictId } from './told-story.ts';

let database: FreshDatabase;
let client: pg.Client;
let landingFolder = '';

beforeAll(async () => {
  database = await freshDatabase();
  client = new pg.Client({ connectionString: database.adminUrl, options: '-c TimeZone=UTC' });
  await client.connect();
  landingFolder = await mkdtemp(join(tmpdir(), 'weir-claims-'));
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
  await rm(landingFolder, { recursive: true });
});

/** Every claim of a step holds, fails when it is falsified, and holds again, since falsifying leaves no trace. */
async function expectStep(step: Step, world: World): Promise<void> {
  const claims = claimsOfStep(step);
  const checked = await checkClaims(claims, world);
  expect(checked.filter(({ held }) => !held)).toEqual([]);
  for (const { name, checked: falsified, exitCode } of await falsifyEach(claims, world, checked)) {
    expect({ exitCode, ...falsified }, name).toMatchObject({ exitCode: 1, held: false, falsified: true, error: null });
  }
  expect((await checkClaims(claims, world)).filter(({ held }) => !held)).toEqual([]);
}

describe('the operational tables', () => {
  it('hold the sample, however often they are loaded', async () => {
    for (let time = 0; time < 2; time += 1) {
      expect(await loadOperational(database.adminUrl)).toEqual({ stores: 457, products: 92_331 });
    }
    const { rows } = await client.query(
      `select count(*)::int as stores, count(*) filter (where closes_at = '24:00')::int as late from operational.stores`,
    );
    expect(rows).toEqual([{ stores: 457, late: 327 }]);
  });

  it('may be read by the loader and nobody else', async () => {
    const { rows } = await client.query(
      `select rolname from pg_roles
       where rolname like 'weir_%' and rolcanlogin and has_table_privilege(oid, 'operational.stores', 'select')
         and has_schema_privilege(oid, 'operational', 'usage')`,
    );
    expect(rows).toEqual([{ rolname: 'weir_loader' }]);
  });
});

describe('the claims of the story, over a story that was only written down', () => {
  it('hold, and each can fail', { timeout: 120_000 }, async () => {
    const told: ToldScene[] = [];
    const incidents: IncidentFacts[] = [];
    const state: { held: ToldScene | null } = { held: null };
    const notes: StoryNotes = {
      landingFolder,
      environment: 'test',
      startedAt: new Date(0).toISOString(),
      dailyWorkflowId: 'daily',
      told,
      decision: { verdictId, reason: 'the source delivered again', by: 'Mara' },
    };
    const world = worldOf(client, {
      notes,
      temporal: pretendedTemporal(() => state.held),
      incidents: async () => incidents,
    });
    const story = pretend(client);
    const scenes = plotStory(splitHours(await readSample()))
      .slice(0, 42)
      .map((scene): ToldScene => ({ ...scene, workflowId: `hourly-${scene.hour.name}` }));
    const tell = async (scene: ToldScene, write: (scene: ToldScene) => Promise<void>) => {
      await land(landingFolder, scene.deliveries);
      await write(scene);
      told.push(scene);
    };

    await expectStep(1, world);
    await story.dimensions(notes);
    await expectStep(2, world);
    for (const scene of scenes.slice(0, 39)) await tell(scene, story.hour);
    await expectStep(3, world);
    const bad = scenes[39]!;
    await tell(bad, story.held);
    for (const scene of scenes.slice(40)) await tell(scene, story.duringHold);
    state.held = bad;
    incidents.push(pretendedIncident(bad, 'test', 'triggered'));
    await expectStep(4, world);
    await land(landingFolder, [redelivery(bad)]);
    await story.mended(bad, scenes.slice(40), notes);
    state.held = null;
    incidents.splice(0, 1, pretendedIncident(bad, 'test', 'resolved'));
    await expectStep(5, world);
    await expectStep(6, world);
  });
});
