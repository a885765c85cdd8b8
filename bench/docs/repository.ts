import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepositoryFolders } from '../../activities/repository.ts';
import type { ShopModel } from './shop.ts';

/** Writes the shop's models and suites, and nothing else, below a folder. */
export async function writeRepository(
  home: string,
  models: readonly ShopModel[],
): Promise<RepositoryFolders> {
  const [modelsFolder, suitesFolder] = [join(home, 'models'), join(home, 'suites')];
  for (const folder of [modelsFolder, suitesFolder]) await rm(folder, { recursive: true, force: true });
  for (const layer of ['bronze', 'silver', 'gold', 'semantic'])
    await mkdir(join(modelsFolder, layer), { recursive: true });
  await mkdir(suitesFolder, { recursive: true });
  for (const model of models) {
    await writeFile(join(modelsFolder, model.layer, `${model.name}.sql`), textOf(model));
    for (const suite of Object.values(model.gates))
      await writeFile(join(suitesFolder, `${suite}.json`), `${JSON.stringify(suiteOf(suite), null, 2)}\n`);
  }
  return { modelsFolder, suitesFolder };
}

/** The columns that every model has, so that each line of lineage goes all the way. */
const columns: Readonly<Record<string, readonly [type: string, words: string]>> = {
  trade_id: ['text', 'The trade'],
  area_id: ['text', 'The area that it belongs to'],
  customer_id: ['text', 'The household that made it'],
  happened_at: ['timestamp', 'When it was made, UTC'],
  amount: ['"numeric(12,2)"', 'The sum of its lines'],
  quantity: ['integer', 'How many items'],
  channel: ['text', 'WEB, STORE or PHONE'],
  currency: ['text', 'ISO 4217'],
  is_return: ['boolean', 'Whether it takes back an earlier one'],
  note: ['text', 'What the sender wrote beside it'],
};
const names = Object.keys(columns);

function header({ name, schedule, kind, gates }: ShopModel, more: readonly string[]): string {
  const described = Object.entries(columns).map(([column, [type, words]]) => {
    const personal = column === 'customer_id' || column === 'note' ? ', personal: true' : '';
    return `  ${column}: {${kind === 'source' ? `type: ${type}, ` : ''}description: "${words}"${personal}}`;
  });
  const asked = Object.entries(gates).map(([gate, suite]) => `  ${gate}: {suite: ${suite}}`);
  return [
    '/*',
    `kind: ${kind}`,
    `schedule: ${schedule}`,
    `owner: team-${(Number(name.slice(-3)) % 7) + 1}`,
    `description: What ${name} holds, and what it is for, in the words of those who answer for it.`,
    'grain: one row a trade',
    ...more,
    ...(asked.length === 0 ? [] : ['gates:', ...asked]),
    'columns:',
    ...described,
    '*/',
    '',
  ].join('\n');
}

const merged = ['unique_key: [trade_id]', 'runbook: docs/runbooks/gate-held.md'];

function textOf(model: ShopModel): string {
  const { kind, name, reads, layer } = model;
  const [first = '', second = '', third = ''] = reads;
  if (kind === 'source')
    return header(model, ['reader: json_lines', 'settings:', `  folder: ${name}`, '  record: [trade_id]']);
  if (layer === 'silver')
    return `${header(model, [...merged, 'tier: 1', 'freshness: {objective: 75 minutes, target: 0.99}'])}select ${names.join(', ')}, _source, _revision, _load, _position\nfrom delta.${first}\nwhere trade_id is not null\n`;
  if (kind === 'full_refresh')
    return `${header(model, [...merged, 'freshness: {objective: 26 hours, target: 0.99}'])}select ${names.join(', ')}\nfrom silver.${first}\n`;
  if (kind === 'view')
    return `${header(model, ['gate: none', `gate_reason: It adds up ${first}, which has passed its own gate.`])}select ${names.map((one) => `one.${one}`).join(', ')}\nfrom gold.${first} as one\njoin gold.${second} as other using (trade_id)\n`;
  return `${header(model, [...merged, 'freshness: {objective: 90 minutes, target: 0.99}', 'touched:', `  ${first}: select trade_id from delta.${first}`])}select ${names
    .map(
      (one, index) =>
        `${index % 3 === 2 ? 'coalesce(area.' : 'trade.'}${one}${index % 3 === 2 ? `, region.${one}) as ${one}` : ''}`,
    )
    .join(', ')}
from touched.${name}
join silver.${first} as trade using (trade_id)
left join gold.${second} as area on area.area_id = trade.area_id
left join gold.${third} as region on region.area_id = trade.area_id
`;
}

const promise = (type: string, severity: string, kwargs: object): object => ({
  type,
  kwargs,
  severity,
  meta: {},
});

function suiteOf(name: string): object {
  return {
    name,
    expectations: [
      promise('expect_column_values_to_not_be_null', 'critical', { column: 'trade_id' }),
      promise('expect_column_values_to_be_unique', 'critical', { column: 'trade_id' }),
      promise('expect_column_values_to_be_between', 'critical', {
        column: 'amount',
        min_value: 0,
        max_value: 100_000,
        mostly: 0.999,
      }),
      promise('expect_column_values_to_be_in_set', 'warning', {
        column: 'channel',
        value_set: ['WEB', 'STORE', 'PHONE'],
      }),
      promise('expect_column_mean_to_be_between', 'warning', {
        column: 'amount',
        min_value: 20,
        max_value: 60,
      }),
      promise('expect_table_row_count_to_be_between', 'critical', { min_value: 1, max_value: 1_000_000 }),
    ],
    meta: { weir: { owner: 'team-1', runbook: 'docs/runbooks/gate-held.md' } },
  };
}
