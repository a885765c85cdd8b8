import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepositoryFolders } from '../../activities/repository.ts';

/** One pipeline of ten steps: its source, and the two models that stand one after the other on it. */
export interface Chain {
  readonly source: string;
  /** Below the landing folder. */
  readonly folder: string;
  readonly models: readonly [gated: string, ungated: string];
}

/** As many pipelines that have nothing in common: runs of one model go one after the other, as they must. */
export function chainsOf(count: number): readonly Chain[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(2, '0');
    return {
      source: `raw_step_${number}`,
      folder: `step_${number}`,
      models: [`stg_step_${number}`, `fct_step_${number}`],
    };
  });
}

/**
 * The ten steps of a run, by the activity that each is: plan, extract; of the first model open, input gate, stage, output
 * gate, publish; of the second, which has no gate, open, stage, publish.
 */
export const tenSteps: readonly string[] = [
  ...['plan', 'extract', 'open', 'gate', 'stage', 'gate', 'publish'],
  ...['open', 'stage', 'publish'],
];

/** Writes the models and suites of the bench, and nothing else, below a folder. */
export async function writeRepository(home: string, chains: readonly Chain[]): Promise<RepositoryFolders> {
  const [modelsFolder, suitesFolder] = [join(home, 'models'), join(home, 'suites')];
  for (const folder of [modelsFolder, suitesFolder]) await rm(folder, { recursive: true, force: true });
  for (const layer of ['bronze', 'silver', 'gold'])
    await mkdir(join(modelsFolder, layer), { recursive: true });
  await mkdir(suitesFolder, { recursive: true });
  for (const chain of chains) await writeChain(modelsFolder, chain);
  await writeFile(join(suitesFolder, 'steps.json'), `${JSON.stringify(suite, null, 2)}\n`);
  return { modelsFolder, suitesFolder };
}

async function writeChain(
  modelsFolder: string,
  { source, folder, models: [gated, ungated] }: Chain,
): Promise<void> {
  const common = 'schedule: hourly\nowner: bench\ndescription: Empty work.\ngrain: one row a step';
  const incremental = `kind: incremental\n${common}\nunique_key: [step_id]\ntime_column: happened_at`;
  const files = {
    [`bronze/${source}`]: `/*
kind: source
${common}
reader: json_lines
settings:
  folder: ${folder}
  record: [step_id]
time_column: happened_at
columns:
  step_id: {type: text, description: The step}
  happened_at: {type: timestamp, description: "When, UTC"}
*/
`,
    [`silver/${gated}`]: `/*
${incremental}
gates:
  input: {suite: steps}
  output: {suite: steps}
*/
select step_id, happened_at, _source, _revision, _load, _position from delta.${source}
`,
    [`gold/${ungated}`]: `/*
${incremental}
gate: none
gate_reason: What it copies has passed the gates of ${gated}.
touched:
  ${gated}: select distinct step_id from delta.${gated}
*/
select step_id, done.happened_at from touched.${ungated} join silver.${gated} as done using (step_id)
`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(modelsFolder, `${name}.sql`), text);
}

const suite = {
  name: 'steps',
  expectations: [
    {
      type: 'expect_column_values_to_not_be_null',
      kwargs: { column: 'step_id' },
      severity: 'critical',
      meta: {},
    },
  ],
  meta: { weir: { owner: 'bench', runbook: 'docs/runbooks/gate-held.md' } },
};
