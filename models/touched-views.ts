import type { TouchedQuery } from './model.ts';
import { listed, qualified, quoted } from './relation-name.ts';

/** The name of the table of keys that loads of a model recompute. */
export function touchedKeysTable(model: string): string {
  return `${model}_keys`;
}

/**
 * The SELECT of `touched.<model>`: the keys staged for the load that the setting `weir.load_id` names. Where it is not
 * set, every key that the touched queries find, so that psql runs the model's file as it is.
 */
export function touchedView(model: string, key: readonly string[], queries: readonly TouchedQuery[]): string {
  const [first] = key;
  if (first === undefined) throw new Error(`${model} has no unique key.`);
  const load = `nullif(current_setting('weir.load_id', true), '')`;
  const all = queries
    .map(({ sql }) => `select ${listed(key, 'asked')} from (\n${sql}\n) as asked`)
    .join('\nunion\n');
  return `select ${listed(key, 'keys')}
from ${qualified('touched', touchedKeysTable(model))} as keys
where keys.load_id = ${load}::bigint
union all
select ${listed(key, 'every')}
from (
${all}
) as every
where ${load} is null
  -- Says the same in words that the planner can estimate: no rows while a load is set. Else it would plan for every key.
  and every.${quoted(first)} = case when ${load} is null then every.${quoted(first)} end`;
}
