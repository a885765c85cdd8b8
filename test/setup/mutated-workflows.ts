import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundle } from '../../workers/bundle.ts';

const PROJECT = path.resolve(import.meta.dirname, '..', '..');

/** A change of one file of the workflow code. */
export interface Mutation {
  /** From the project's root. */
  readonly file: string;
  readonly from: string | RegExp;
  readonly to: string;
}

/**
 * Bundles the workflow code as another version of it: a copy with a change.
 *
 * @throws Error when there is nothing to change: the code has moved on, and the test with it has to.
 */
export async function mutatedBundle({ file, from, to }: Mutation): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'weir-workflows-'));
  try {
    for (const part of ['workflows', 'expectations', 'models', 'activities', 'package.json', 'tsconfig.json'])
      cpSync(path.join(PROJECT, part), path.join(folder, part), { recursive: true });
    symlinkSync(path.join(PROJECT, 'node_modules'), path.join(folder, 'node_modules'));
    const target = path.join(folder, file);
    const text = readFileSync(target, 'utf8');
    const mutated = text.replace(from, to);
    if (mutated === text) throw new Error(`${file} has no ${String(from)} to change`);
    writeFileSync(target, mutated);
    return await bundle(path.join(folder, 'workflows', 'index.ts'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
