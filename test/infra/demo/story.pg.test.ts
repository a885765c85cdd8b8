import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCode } from '../../../infra/demo/claims.ts';
import { readSample, splitHours } from '../../../infra/demo/hours.ts';
import { createNarrator } from '../../../infra/demo/narrate.ts';
import { loadOperational } from '../../../infra/demo/operational.ts';
import { plotStory } from '../../../infra/demo/plot.ts';
import type { IncidentFacts } from '../../../infra/demo/readings/incidents.ts';
import type { Runs } from '../../../infra/demo/runs.ts';
import { sourceSystems } from '../../../infra/demo/source-systems.ts';
import { claimNames } from '../../../infra/demo/story-claims.ts';
import { tellStory } from '../../../infra/demo/story.ts';
import { worldOf, type ToldScene } from '../../../infra/demo/world.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { pretendedPage } from './told-page.ts';
import { CUSTOMERS } from './told-sql.ts';
import { pretend, pretendedIncident, pretendedShrinking, pretendedTemporal } from './told-story.ts';

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

describe('the story, over runs that were only written down', () => {
  it('claims what holds, and each claim can fail', { timeout: 120_000 }, async () => {
    const tables = pretend(client);
    await client.query(CUSTOMERS);
    const state: { held: ToldScene | null; heldRefresh: string | null; incidents: IncidentFacts[] } = {
      held: null,
      heldRefresh: null,
      incidents: [],
    };
    const resolve = (): void => {
      state.incidents = state.incidents.map((one) => ({ ...one, status: 'resolved' }));
    };
    const scenes = plotStory(splitHours(await readSample())).map((scene): ToldScene => ({
      ...scene,
      workflowId: `story-hourly-${scene.hour.name}`,
    }));
    const runs: Runs = {
      start: async (_workflow, id) => {
        const scene = scenes.find(({ workflowId }) => workflowId === id);
        if (id.includes('next-daily')) {
          await tables.shrunken(id);
          state.heldRefresh = id;
          state.incidents.push(pretendedShrinking('test', 'triggered'));
        } else if (!scene) await tables.dimensions(id);
        else if (scene.role === 'duringHold') await tables.duringHold(scene);
        else if (scene.role === 'bad') {
          await tables.held(scene);
          state.held = scene;
          state.incidents = [pretendedIncident(scene, 'test', 'triggered')];
        } else await tables.hour(scene);
      },
      ended: async () => {},
      decide: async (id, _update, decision) => {
        if (id === state.heldRefresh) {
          await tables.restored();
          state.heldRefresh = null;
          return resolve();
        }
        const scene = scenes.find(({ workflowId }) => workflowId === id)!;
        await tables.mended(
          scene,
          scenes.filter(({ role }) => role === 'duringHold'),
          decision,
        );
        state.held = null;
        resolve();
      },
    };
    let text = '';
    const told = await tellStory({
      world: {
        at: (notes) =>
          worldOf(client, {
            notes,
            temporal: pretendedTemporal(
              () => state.held,
              () => state.heldRefresh,
            ),
            incidents: async () => state.incidents,
            catalogue: async (path) => pretendedPage(path, state.held !== null),
          }),
        close: async () => {},
      },
      runs,
      narrator: createNarrator({ output: { write: (part) => void (text += part) }, env: {}, nowMs: () => 0 }),
      systems: sourceSystems(database.adminUrl, database.adminUrl),
      landingFolder,
      environment: 'test',
      storyId: 'story',
      falsifyEach: true,
    });

    expect(told.checked.filter(({ held }) => !held)).toEqual([]);
    expect(exitCode(told.checked, claimNames)).toBe(0);
    expect(told.falsified.map(({ name }) => name)).toEqual(claimNames);
    for (const one of told.falsified) {
      expect(one).toMatchObject({ exitCode: 1, checked: { held: false, falsified: true, error: null } });
    }
    expect(text).toContain('2017-01-06 00–23 ▪▪▪▪▪▪▪▪···▪▪▪▪▪▪▪▪▪▪▪▪▪ 384 baskets');
    expect(text).toContain('2017-01-07 16–17 ○○ 64 baskets');
  });
});
