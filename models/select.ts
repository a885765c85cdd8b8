import { didYouMean } from '../expectations/suggestion.ts';
import type { Graph } from './graph.ts';
import { layers } from './model.ts';
import type { Model } from './model.ts';

/** Thrown for a selection that names what there is not. */
export class SelectionRefused extends Error {
  override readonly name = 'SelectionRefused';
}

/** What a selection is made of, beside the graph. */
export interface Selectable {
  readonly graph: Graph;
  /** Names of the models whose file differs from what was published last. */
  readonly changed: ReadonlySet<string>;
}

/**
 * The models that a text chooses, in dependency order.
 *
 * Parts side by side (spaces) are united; parts joined by commas, without a space, must all be true:
 *
 * - `name`, or `layer.name`: that model. `*` in it stands for anything: `stg_*`.
 * - `layer:gold`, `kind:incremental`, `owner:store-data`, `schedule:hourly`.
 * - `changed`: its SELECT, key or touched queries differ from what was published last.
 * - `+` before a part: and all that it reads. `+` behind it: and all that depends on it.
 *
 * @throws SelectionRefused for a name that no model has, naming the one that was likely meant.
 */
export function selectModels({ graph, changed }: Selectable, text: string): readonly Model[] {
  const parts = text.split(/\s+/).filter((part) => part !== '');
  if (parts.length === 0)
    throw new SelectionRefused('The selection is empty: name a model, such as stg_transactions+.');
  const chosen = new Set(parts.flatMap((part) => [...intersection({ graph, changed }, part)]));
  return graph.models.filter(({ name }) => chosen.has(name));
}

function intersection(selectable: Selectable, part: string): ReadonlySet<string> {
  const sets = part.split(',').map((one) => withNeighbours(selectable, one));
  return sets.reduce((all, one) => new Set([...all].filter((name) => one.has(name))));
}

function withNeighbours(selectable: Selectable, word: string): ReadonlySet<string> {
  const [, before = '', named = '', behind = ''] = /^(\+?)(.*?)(\+?)$/.exec(word) ?? [];
  if (named === '') throw new SelectionRefused(`${JSON.stringify(word)} selects nothing: a name is missing.`);
  const { graph } = selectable;
  const found = matching(selectable, named).map(({ name }) => name);
  const above = before === '' ? [] : found.flatMap((name) => [...upstreamOf(graph, name)]);
  const below = behind === '' ? [] : found.flatMap((name) => graph.downstream.get(name) ?? []);
  return new Set([...found, ...above, ...below]);
}

/** Names that a model reads, transitively. */
export function upstreamOf(graph: Graph, name: string): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [...(graph.upstream.get(name) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(graph.upstream.get(next) ?? []));
  }
  return found;
}

type Method = (model: Model) => string;

const methods: Readonly<Record<string, Method>> = {
  layer: ({ layer }) => layer,
  kind: ({ kind }) => kind,
  owner: ({ owner }) => owner,
  schedule: ({ schedule }) => schedule,
};

function matching({ graph, changed }: Selectable, word: string): readonly Model[] {
  if (word === 'changed') return graph.models.filter(({ name }) => changed.has(name));
  const colon = word.indexOf(':');
  if (colon >= 0) return byMethod(graph, word.slice(0, colon), word.slice(colon + 1));
  const pattern = new RegExp(`^${word.split('*').map(escaped).join('.*')}$`);
  const found = graph.models.filter(({ name, relation }) => pattern.test(name) || pattern.test(relation));
  if (found.length > 0) return found;
  const known = graph.models.flatMap(({ name, relation }) => (word.includes('.') ? [relation] : [name]));
  throw new SelectionRefused(`There is no model ${word}. ${hint(word, [...known, 'changed'])}`.trim());
}

function byMethod(graph: Graph, method: string, value: string): readonly Model[] {
  const read = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (read === undefined) {
    const hinted = hint(method, Object.keys(methods));
    throw new SelectionRefused(`Models are not selected by ${method}:. ${hinted}`);
  }
  const found = graph.models.filter((model) => read(model) === value);
  if (found.length > 0) return found;
  const known: readonly string[] = method === 'layer' ? layers : [...new Set(graph.models.map(read))];
  if (known.includes(value)) return [];
  throw new SelectionRefused(`No model has ${method} ${value}. ${hint(value, known)}`);
}

function hint(word: string, known: readonly string[]): string {
  const near = didYouMean(word, known);
  return near === '' ? `Known: ${known.join(', ')}.` : near;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
