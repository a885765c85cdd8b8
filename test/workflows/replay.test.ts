import { readdirSync } from 'node:fs';
import { Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { workflowBundle } from '../../workers/bundle.ts';
import { HISTORIES, readHistory } from '../setup/histories.ts';
import { quietWorkers } from '../setup/quiet-workers.ts';

const recorded = readdirSync(HISTORIES).filter((file) => file.endsWith('.pb'));

quietWorkers();

describe('histories recorded by earlier versions', () => {
  it('are there for every path', () => {
    expect(recorded.sort()).toEqual([
      'continue.pb',
      'hold-expired.pb',
      'hold-override.pb',
      'hold-quarantine.pb',
      'hold-reload.pb',
      'hold-retry-abandon.pb',
      'housekeeping.pb',
      'interval.pb',
      'pass.pb',
      'quarantine.pb',
      'rebuild.pb',
      'replay.pb',
    ]);
  });

  it.each(recorded)('%s replays', async (file) => {
    await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, await readHistory(file), file);
  });
});
