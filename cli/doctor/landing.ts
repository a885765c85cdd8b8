import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasRevisions, isSource } from '../../models/model.ts';
import { broken, ok, skipped, warning, type Check, type Finding, type Surroundings } from './check.ts';
import { reasonOf } from './ask-postgres.ts';

/** Whether the folder that sources deliver files to can be read. */
export const landing: Check = {
  name: 'landing folder',
  run: async ({ env, repository }) => {
    const folder = env['WEIR_LANDING_FOLDER'] ?? '';
    if (folder === '') return skipped('WEIR_LANDING_FOLDER is not set in this shell');
    const whole = await look(folder);
    if (whole !== null)
      return [
        broken(
          `WEIR_LANDING_FOLDER ${folder} ${whole}`,
          'create or mount it, readable to whoever runs workers',
        ),
      ];
    const found = await Promise.all(foldersOf(repository).map((one) => lookBelow(folder, one)));
    return found.some((one) => one !== null)
      ? found.filter((one) => one !== null)
      : [ok(`${folder} can be read`)];
  },
};

function foldersOf(repository: Surroundings['repository']): readonly string[] {
  const sources = (repository?.graph.models ?? []).filter(isSource).filter(hasRevisions);
  return [...new Set(sources.map(({ settings }) => String(settings['folder'])))];
}

async function lookBelow(folder: string, name: string): Promise<Finding | null> {
  const problem = await look(path.join(folder, name));
  if (problem === null) return null;
  if (problem === MISSING)
    return warning(
      `${name} is not there yet: nothing was delivered to it`,
      `deliver to ${path.join(folder, name)}`,
    );
  return broken(
    `${path.join(folder, name)} ${problem}`,
    'make it a folder that whoever runs workers may read',
  );
}

const MISSING = 'is not there';

/** What is wrong with a folder; null where nothing is. */
async function look(folder: string): Promise<string | null> {
  try {
    if (!(await stat(folder)).isDirectory()) return 'is no folder';
    await access(folder, constants.R_OK | constants.X_OK);
    return null;
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    return code === 'ENOENT' ? MISSING : `cannot be read: ${reasonOf(error)}`;
  }
}
