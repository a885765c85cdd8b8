import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cataloguedFiles, generatedFiles } from '../../../expectations/generate.ts';
import { cataloguePages } from '../../../expectations/generate/catalogue.ts';
import { byFamily } from '../../../expectations/generate/families.ts';
import { costWords, typePage } from '../../../expectations/generate/type-page.ts';
import type { ExpectationType } from '../../../expectations/define-expectation.ts';
import { expectationTypes } from '../../../expectations/registry.gen.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const kinds: readonly ExpectationType[] = Object.values(expectationTypes);
const files = await generatedFiles();

test.each(Object.keys(files))('%s is fresh: npm run gen', (file) => {
  expect(readFileSync(path.join(ROOT, file), 'utf8')).toBe(files[file]);
});

test('the catalogue has no page of a kind that is gone', () => {
  expect(cataloguedFiles().filter((file) => !(file in files))).toEqual([]);
});

test('every kind has a page, and the index names it once', () => {
  const { 'README.md': index = '', ...pages } = cataloguePages(expectationTypes);
  expect(Object.keys(pages)).toEqual(kinds.map(({ type }) => `${type}.md`));
  for (const { type } of kinds) expect(index.split(`](${type}.md)`).length).toBe(2);
});

test('the index links to headings that it has', () => {
  const { 'README.md': index = '' } = cataloguePages(expectationTypes);
  const anchors = [...index.matchAll(/^## (.*)$/gm)].map(([, title = '']) =>
    title.toLowerCase().replaceAll("'", '').replaceAll(' ', '-'),
  );
  const linked = [...index.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor);
  expect(linked).toEqual(anchors);
});

test.each(kinds.map((kind) => [kind.type, kind] as const))('the page of %s tells all there is', (_, kind) => {
  const page = typePage(kind);
  for (const said of [kind.docs.promise, kind.docs.empty, kind.docs.nulls, kind.docs.source])
    expect(page).toContain(said.replaceAll('|', '\\|'));
  for (const { title } of kind.examples) expect(page).toContain(`### ${title}\n`);
  for (const example of page.matchAll(/```json\n([^]*?)\n```/g))
    expect(() => JSON.parse(example[1] ?? '')).not.toThrow();
  const required = Array.isArray(kind.schema['required']) ? kind.schema['required'] : [];
  for (const name of required) expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\|[^\n]*\\| yes \\|`, 'm'));
});

test('kinds stand where one looks for them', () => {
  const family = (type: string): string | undefined =>
    byFamily(kinds).find(([, members]) => members.some((one) => one.type === type))?.[0].title;
  expect(family('expect_column_values_to_be_between')).toBe('Each value of a column');
  expect(family('expect_column_max_to_be_between')).toBe('One figure of a column');
  expect(family('expect_column_values_to_be_of_type')).toBe('The columns of a table');
  expect(family('expect_compound_columns_to_be_unique')).toBe('Several columns');
  expect(family('expect_query_results_to_match_comparison')).toBe('SQL of your own');
});

test('what a kind costs is read off its SQL', () => {
  expect(costWords(expectationTypes.expect_column_values_to_be_between)).toBe("Joins the suite's one scan.");
  expect(costWords(expectationTypes.expect_column_values_to_be_unique)).toContain('a query beside it');
  expect(costWords(expectationTypes.expect_column_to_exist)).toBe('None: no row is read.');
});
