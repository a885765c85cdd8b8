import { readdirSync } from 'node:fs';
import path from 'node:path';
import { layers } from '../../models/model.ts';
import { ALL_SCHEDULES } from '../../workers/schedules.ts';
import { isPostgresUrl } from '../../workers/settings.ts';
import { cliFolders, takeDemoSettings } from '../connect.ts';
import { askPostgres } from '../doctor/ask-postgres.ts';
import type { Asked } from './choices.ts';

/** What there is of something now. Nothing where it cannot be had: a shell that completes has nobody to tell. */
export async function wordsOf(what: Asked): Promise<readonly string[]> {
  try {
    return await found[what]();
  } catch {
    return [];
  }
}

/** By the names of files: nothing is read of them, so that a key is answered at once. */
const found: Readonly<Record<Asked, () => readonly string[] | Promise<readonly string[]>>> = {
  models: () => models().map(({ name }) => name),
  relations: () => models().map(({ layer, name }) => `${layer}.${name}`),
  sources: () => models().flatMap(({ layer, name }) => (layer === 'bronze' ? [name] : [])),
  suites: () => namesIn(cliFolders().suitesFolder, '.json'),
  schedules: () => ALL_SCHEDULES.map(({ scheduleId }) => scheduleId),
  verdicts: heldVerdicts,
};

function models(): readonly { readonly layer: string; readonly name: string }[] {
  const { modelsFolder } = cliFolders();
  return layers.flatMap((layer) =>
    namesIn(path.join(modelsFolder, layer), '.sql').map((name) => ({ layer, name })),
  );
}

function namesIn(folder: string, ending: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => path.basename(file, ending));
}

/** Of gates whose lease says that they are held: whether their run still waits, the verb itself finds out. */
async function heldVerdicts(): Promise<readonly string[]> {
  takeDemoSettings();
  const url = process.env['DATABASE_URL'] ?? '';
  if (!isPostgresUrl(url)) return [];
  const { verdicts } = await askPostgres<{ verdicts: string }>(
    url,
    `select coalesce(string_agg(verdict_id::text, ' '), '') as verdicts from control.lease where state = 'held'`,
  );
  return verdicts.split(' ').filter((one) => one !== '');
}
