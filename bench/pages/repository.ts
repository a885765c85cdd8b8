import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepositoryFolders } from '../../activities/repository.ts';
import type { Schedule } from '../../models/model.ts';

/** A source and the model with a gate on it: nothing in common with any other, so that its failure is no part of a storm. */
export interface Guarded {
  readonly schedule: Schedule;
  readonly source: string;
  readonly model: string;
  /** Below the landing folder. */
  readonly folder: string;
}

/** So many of a schedule. */
export function guardedModels(schedule: Schedule, count: number): readonly Guarded[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `${schedule}_${String(index + 1).padStart(3, '0')}`;
    return { schedule, source: `raw_${name}`, model: `stg_${name}`, folder: name };
  });
}

/** The record that breaks a critical promise at the input gate. */
export const badRecord = { event_id: 'e1', amount: null };

/** Writes the models and the suite of the bench, and nothing else, below a folder. */
export async function writeRepository(home: string, models: readonly Guarded[]): Promise<RepositoryFolders> {
  const [modelsFolder, suitesFolder] = [join(home, 'models'), join(home, 'suites')];
  for (const folder of [modelsFolder, suitesFolder]) await rm(folder, { recursive: true, force: true });
  for (const layer of ['bronze', 'silver']) await mkdir(join(modelsFolder, layer), { recursive: true });
  await mkdir(suitesFolder, { recursive: true });
  for (const one of models) {
    await writeFile(join(modelsFolder, 'bronze', `${one.source}.sql`), sourceText(one));
    await writeFile(join(modelsFolder, 'silver', `${one.model}.sql`), modelText(one));
  }
  await writeFile(join(suitesFolder, 'paged.json'), `${JSON.stringify(suite, null, 2)}\n`);
  return { modelsFolder, suitesFolder };
}

function sourceText({ schedule, folder }: Guarded): string {
  return `/*
kind: source
schedule: ${schedule}
owner: bench
description: What one sender delivers.
grain: one row an event
reader: json_lines
settings:
  folder: ${folder}
  record: [event_id]
columns:
  event_id: {type: text, description: The event}
  amount: {type: numeric, description: Its amount}
*/
`;
}

function modelText({ schedule, source }: Guarded): string {
  return `/*
kind: incremental
schedule: ${schedule}
unique_key: [event_id]
owner: bench
description: Events that can be counted.
grain: one row an event
runbook: docs/runbooks/gate-held.md
gates:
  input: {suite: paged}
*/
select event_id, amount, _source, _revision, _load, _position from delta.${source}
`;
}

const suite = {
  name: 'paged',
  expectations: [
    {
      type: 'expect_column_values_to_not_be_null',
      kwargs: { column: 'amount' },
      severity: 'critical',
      meta: {},
    },
  ],
  meta: { weir: { owner: 'bench', runbook: 'docs/runbooks/gate-held.md' } },
};
