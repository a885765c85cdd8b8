import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildGraph } from '../../models/graph.ts';
import type { Graph } from '../../models/graph.ts';
import { selectModels, SelectionRefused, upstreamOf } from '../../models/select.ts';
import { modelText, parseAll, sourceText, ungated, version } from './model-text.ts';

let graph: Graph;
beforeAll(async () => {
  const whole = (from: string): string =>
    modelText('full_refresh', ungated, `select ${from.split('.')[1]}.id from ${from}`);
  const files = [
    ['models/bronze/raw_a.sql', sourceText({ id: 'text' })],
    ['models/bronze/raw_b.sql', sourceText({ id: 'text' })],
    ['models/silver/stg_a.sql', modelText('incremental', ungated, `select id, ${version} from delta.raw_a`)],
    ['models/silver/stg_b.sql', modelText('incremental', ungated, `select id, ${version} from delta.raw_b`)],
    ['models/gold/fct_a.sql', whole('silver.stg_a')],
    ['models/gold/fct_b.sql', whole('silver.stg_b')],
    ['models/gold/fct_of_a.sql', whole('gold.fct_a')],
  ] as const;
  graph = buildGraph(await parseAll(files));
});

function selected(text: string, changed: readonly string[] = []): readonly string[] {
  return selectModels({ graph, changed: new Set(changed) }, text).map(({ name }) => name);
}

describe('selectModels', () => {
  test.each([
    ['stg_a', ['stg_a']],
    ['silver.stg_a', ['stg_a']],
    ['+stg_a', ['raw_a', 'stg_a']],
    ['stg_a+', ['stg_a', 'fct_a', 'fct_of_a']],
    ['+fct_a+', ['raw_a', 'stg_a', 'fct_a', 'fct_of_a']],
    ['fct_b stg_a', ['stg_a', 'fct_b']],
    ['layer:gold', ['fct_a', 'fct_b', 'fct_of_a']],
    ['kind:incremental', ['stg_a', 'stg_b']],
    ['kind:incremental+,layer:gold', ['fct_a', 'fct_b', 'fct_of_a']],
    ['raw_a+,layer:gold raw_b', ['raw_b', 'fct_a', 'fct_of_a']],
    ['fct_*', ['fct_a', 'fct_b', 'fct_of_a']],
    ['owner:o,schedule:hourly,raw_a', ['raw_a']],
    ['layer:semantic', []],
    ['changed', []],
  ])('%s', (text, expected) => expect(selected(text)).toEqual(expected));

  test('what changed, and what depends on it', () =>
    expect(selected('changed+', ['fct_a'])).toEqual(['fct_a', 'fct_of_a']));

  test.each([
    ['stg_aa', 'There is no model stg_aa. Did you mean `stg_a`?'],
    ['gold.stg_a', 'There is no model gold.stg_a.'],
    ['layer:golden', 'No model has layer golden. Did you mean `gold`?'],
    ['tag:x', 'Models are not selected by tag:. Known: layer, kind, owner, schedule.'],
    ['+', 'selects nothing'],
    ['stg_a, stg_b', 'selects nothing'],
    [' ', 'The selection is empty'],
  ])('%s is refused', (text, why) => {
    expect(() => selected(text)).toThrow(SelectionRefused);
    expect(() => selected(text)).toThrow(why);
  });

  test('whatever is selected: in the order of the graph, once, closed under its plus signs', () => {
    const word = fc.tuple(
      fc.constantFrom('', '+'),
      fc.constantFrom('raw_a', 'stg_a', 'fct_a', 'fct_b', 'layer:gold', 'kind:source', 'stg_*', 'changed'),
      fc.constantFrom('', '+'),
    );
    const part = fc.array(word, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
        const texts = parts.map((words) => words.map((one) => one.join('')).join(','));
        const found = selected(texts.join(' '), ['stg_b']);
        expect(found).toEqual(graph.models.map(({ name }) => name).filter((name) => found.includes(name)));
        // Union of the parts, intersection of the words, each word closed under its plus signs.
        const union = new Set(texts.flatMap((text) => selected(text, ['stg_b'])));
        expect(new Set(found)).toEqual(union);
        for (const [at, words] of parts.entries()) {
          const of = new Set(selected(texts[at] ?? '', ['stg_b']));
          for (const [before, named, behind] of words) {
            const alone = new Set(selected(`${before}${named}${behind}`, ['stg_b']));
            expect([...of].every((name) => alone.has(name))).toBe(true);
            if (before === '+')
              for (const name of alone)
                if (selected(named, ['stg_b']).includes(name))
                  expect([...upstreamOf(graph, name)].every((one) => alone.has(one))).toBe(true);
          }
        }
      }),
    );
  });
});
