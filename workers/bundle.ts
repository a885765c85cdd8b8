import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';

const PROJECT = path.resolve(import.meta.dirname, '..');
/** What the workflow bundle is made from. */
const PARTS = ['workflows', 'expectations', 'models', 'package-lock.json'];

/**
 * The workflow code as one bundle, made once for each state of its sources and kept: bundling is most of what a
 * worker's start costs.
 */
export async function workflowBundle(): Promise<WorkflowBundle> {
  const folder = path.join(PROJECT, '.weir', 'bundles');
  const file = path.join(folder, `${await sourceHash()}.js`);
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null) return { code: kept };
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(PROJECT, 'workflows', 'index.ts'),
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error },
  });
  await mkdir(folder, { recursive: true });
  const unfinished = `${file}.${process.pid}.tmp`;
  await writeFile(unfinished, code);
  await rename(unfinished, file);
  return { code };
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const part of PARTS) {
    const root = path.join(PROJECT, part);
    const files = part.endsWith('.json')
      ? [root]
      : (await readdir(root, { recursive: true }))
          .filter((name) => name.endsWith('.ts'))
          .map((name) => path.join(root, name));
    for (const file of files.sort()) {
      hash
        .update(path.relative(PROJECT, file))
        .update('\0')
        .update(await readFile(file))
        .update('\0');
    }
  }
  return hash.digest('hex').slice(0, 16);
}
