import { globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { workflowBundle } from '../../workers/bundle.ts';
import * as workflows from '../../workflows/index.ts';
import { HISTORIES, readHistory } from '../setup/histories.ts';
import { mutatedBundle, type Mutation } from '../setup/mutated-workflows.ts';
import { quietWorkers } from '../setup/quiet-workers.ts';

/** The paths through the workflow code: whoever adds one records it, see CONTRIBUTING.md. */
const PATHS = [
  'backfill',
  'backfill-anew',
  'backfill-cancelled',
  'backfill-failed',
  'backfill-goes-on',
  'backfill-paged',
  'backfill-reset',
  'cancel',
  'cancel-held',
  'continue',
  'daily',
  'dry-run',
  'heartbeat-resume',
  'hold-abandon',
  'hold-abandon-told',
  'hold-expired',
  'hold-expired-lets-go',
  'hold-gives-way',
  'hold-gives-way-decided',
  'hold-override',
  'hold-quarantine',
  'hold-reload',
  'hold-retry',
  'hold-retry-abandon',
  'housekeeping',
  'incident',
  'incident-receivers',
  'interval',
  'look-hours',
  'look-parameter',
  'look-source',
  'monitor',
  'monitor-held',
  'minute',
  'pass',
  'quarantine',
  'rebuild',
  'replay',
  'reset',
  'reset-failed-extract',
  'schedule',
  'scheduled-local-day',
  'slot-again',
  'warn',
];

const PROJECT = path.resolve(import.meta.dirname, '..', '..');

const read = (file: string): string => readFileSync(file, 'utf8');

const recorded = readdirSync(HISTORIES).filter((file) => file.endsWith('.pb'));

quietWorkers();

async function replay(file: string, code?: string): Promise<void> {
  const bundle = code === undefined ? await workflowBundle() : { code };
  const history = await readHistory(file);
  // Under its own id, which a backfill's intervals are named after.
  const { workflowId } = history.events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
  await Worker.runReplayHistory({ workflowBundle: bundle }, history, workflowId ?? file);
}

describe('histories recorded by earlier versions', () => {
  it('are there for every path', () => {
    expect(recorded).toEqual(expect.arrayContaining(PATHS.map((name) => `${name}.pb`)));
  });

  it('are there for every workflow that can be started', async () => {
    const types = await Promise.all(
      recorded.map(async (file) => {
        const { events } = await readHistory(file);
        return events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name;
      }),
    );
    expect(new Set(types)).toEqual(new Set(Object.keys(workflows)));
  });

  it('are there behind every patched()', () => {
    const code = globSync('workflows/**/*.ts', { cwd: PROJECT }).map((file) =>
      read(path.join(PROJECT, file)),
    );
    const patches = code.flatMap((text) =>
      [...text.matchAll(/patched\('([^']+)'\)/g)].map(([, id]) => id ?? ''),
    );
    expect(patches).toContain('pages-beside');
    const histories = recorded.map((file) => read(path.join(HISTORIES, file)));
    const without = patches.filter((id) => !histories.some((history) => history.includes(`"${id}"`)));
    // A run that ended in a fault can be replayed by the faulty code alone.
    expect(without).toEqual(['bug-ends-the-run']);
  });

  it.each(recorded)('%s replays', { timeout: 60_000 }, async (file) => {
    await replay(file);
  });
});

/** Changes that look harmless, and that runs which are open could not go on with; each with a history that meets it. */
const MUTATIONS: readonly (Mutation & { readonly what: string; readonly history: string })[] = [
  {
    what: 'a step before the plan',
    history: 'pass.pb',
    file: 'workflows/hourly-incremental-load.ts',
    from: /\{\n {2}return await runPipeline/,
    to: "{\n  await (await import('@temporalio/workflow')).sleep('1 second');\n  return await runPipeline",
  },
  {
    what: 'an activity under another name',
    history: 'pass.pb',
    file: 'workflows/stations.ts',
    from: /planning\.plan\.executeWithOptions/,
    to: 'planning.extract.executeWithOptions',
  },
  {
    what: 'a change of commands behind no patched()',
    history: 'hold-expired.pb',
    file: 'workflows/gate-passage.ts',
    from: /if \(!patched\('expired-hold-lets-go'\)\) return;/,
    to: '',
  },
  {
    what: 'a line for each receiver behind no patched()',
    history: 'incident.pb',
    file: 'workflows/incident.ts',
    from: /if \(patched\('receivers'\)\)/,
    to: 'if (true)',
  },
  {
    what: 'a page more beside the walk',
    history: 'hold-abandon-told.pb',
    file: 'workflows/pages-beside.ts',
    from: /(await before\?.*\n)( *await stations\.page\(\.\.\.page\);\n)/,
    to: '$1$2$2',
  },
  {
    what: 'a page less where a batch is given up',
    history: 'hold-abandon-told.pb',
    file: 'workflows/gate-passage.ts',
    from: /\n *await tellAbandoned\(.*\);/,
    to: '',
  },
];

describe('a change that they cannot replay', () => {
  it.each(MUTATIONS)('is noticed: $what', { timeout: 120_000 }, async (mutation) => {
    const code = await mutatedBundle(mutation);
    await expect(replay(mutation.history, code)).rejects.toThrow(/TMPRL1100|[Nn]ondeterminism/);
  });
});
