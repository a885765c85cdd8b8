import { readdirSync } from 'node:fs';
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
  'hold-expired',
  'hold-expired-lets-go',
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

  it.each(recorded)('%s replays', { timeout: 60_000 }, async (file) => {
    await replay(file);
  });
});

/** Changes that look harmless, and that runs which are open could not go on with. */
const MUTATIONS: readonly (Mutation & { readonly what: string })[] = [
  {
    what: 'a step before the plan',
    file: 'workflows/hourly-incremental-load.ts',
    from: /\{\n {2}return await runPipeline/,
    to: "{\n  await (await import('@temporalio/workflow')).sleep('1 second');\n  return await runPipeline",
  },
  {
    what: 'an activity under another name',
    file: 'workflows/stations.ts',
    from: /planning\.plan\.executeWithOptions/,
    to: 'planning.extract.executeWithOptions',
  },
  {
    what: 'a change of commands behind no patched()',
    file: 'workflows/gate-passage.ts',
    from: /if \(!patched\('expired-hold-lets-go'\)\) return;/,
    to: '',
  },
  {
    what: 'a line for each receiver behind no patched()',
    file: 'workflows/incident.ts',
    from: /if \(patched\('receivers'\)\)/,
    to: 'if (true)',
  },
];

/** The history that has what a mutation changes. */
function recordedFor({ file }: Mutation): string {
  if (file.includes('incident')) return 'incident.pb';
  return file.includes('gate-passage') ? 'hold-expired.pb' : 'pass.pb';
}

describe('a change that they cannot replay', () => {
  it.each(MUTATIONS)('is noticed: $what', { timeout: 120_000 }, async (mutation) => {
    const code = await mutatedBundle(mutation);
    await expect(replay(recordedFor(mutation), code)).rejects.toThrow(/TMPRL1100|[Nn]ondeterminism/);
  });
});
