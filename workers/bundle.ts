import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';

const PROJECT = path.resolve(import.meta.dirname, '..');
/** What the workflow bundle is made from. */
const PARTS = ['workflows', 'expectations', 'models', 'package-lock.json'];

const FOLDER = path.join(PROJECT, '.weir', 'bundles');
/** Bundles of earlier states that are kept: whoever goes back and forth between branches bundles once each. */
const KEPT = 10;

/**
 * The workflow code as one bundle, made once for each state of its sources and kept: bundling is most of what a
 * worker's start costs. `node workers/bundle.ts` makes it ahead, as a step of a build; a worker whose sources are those
 * that it was made from starts with it.
 *
 * @param failureConverterPath how failures are encoded, where not as usual: a bundle of its own.
 */
export async function workflowBundle(failureConverterPath?: string): Promise<WorkflowBundle> {
  const file = await bundleFile(failureConverterPath);
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null) return { code: kept };
  const code = await bundle(path.join(PROJECT, 'workflows', 'index.ts'), failureConverterPath);
  // Where the folder cannot be written, as in a container whose image has no bundle, each start bundles.
  await keep(file, code).catch(() => undefined);
  return { code };
}

/** Bundles workflow code. @param workflowsPath the module whose exports are the workflows; `interceptors.ts` lies beside it. */
export async function bundle(workflowsPath: string, failureConverterPath?: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    ...(failureConverterPath === undefined ? {} : { failureConverterPath }),
    workflowInterceptorModules: [path.join(path.dirname(workflowsPath), 'interceptors.ts')],
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error },
  });
  return code;
}

/** Where the bundle of the sources as they are now is, or will be. @param failureConverterPath as of {@link workflowBundle} */
export async function bundleFile(failureConverterPath?: string): Promise<string> {
  const how = failureConverterPath === undefined ? '' : `-${path.basename(failureConverterPath, '.ts')}`;
  return path.join(FOLDER, `${await sourceHash()}${how}.js`);
}

async function keep(file: string, code: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const unfinished = `${file}.${process.pid}.tmp`;
  await writeFile(unfinished, code);
  await rename(unfinished, file);
  const bundles = (await readdir(FOLDER)).filter((name) => name.endsWith('.js'));
  const dated = await Promise.all(
    bundles.map(async (name) => ({ name, at: (await stat(path.join(FOLDER, name))).mtimeMs })),
  );
  const old = dated.sort((one, other) => other.at - one.at).slice(KEPT);
  await Promise.all(old.map(({ name }) => rm(path.join(FOLDER, name), { force: true })));
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

if (import.meta.main) {
  await workflowBundle();
  process.stdout.write(`workflow bundle: ${await bundleFile()}\n`);
}
