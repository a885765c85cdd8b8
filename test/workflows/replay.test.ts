import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { workflowBundle } from '../../workers/bundle.ts';
import { HISTORIES } from '../setup/histories.ts';

const recorded = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));

describe('histories recorded by earlier versions', () => {
  it('are there for every path', () => {
    expect(recorded.sort()).toEqual([
      'hold-expired.json',
      'hold-override.json',
      'hold-reload.json',
      'hold-retry-abandon.json',
      'pass.json',
    ]);
  });

  it.each(recorded)('%s replays', async (file) => {
    const history = historyFromJSON(JSON.parse(await readFile(path.join(HISTORIES, file), 'utf8')));
    await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, file);
  });
});
