import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { bundleFile, workflowBundle } from '../../workers/bundle.ts';

const BUNDLE = path.resolve(import.meta.dirname, '..', '..', 'workers', 'bundle.ts');

it(
  'workflow code is bundled once for a state of its sources: ahead, or at the first start',
  { timeout: 60_000 },
  async () => {
    const first = await workflowBundle();
    const file = await bundleFile();
    const { mtimeMs } = await stat(file);
    const { stdout } = await promisify(execFile)(process.execPath, [BUNDLE]);
    expect(stdout).toBe(`workflow bundle: ${file}\n`);
    expect((await stat(file)).mtimeMs).toBe(mtimeMs);
    expect(await workflowBundle()).toEqual(first);
  },
);
