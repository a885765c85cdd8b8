import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { searchAttributes as registered } from '../../infra/local/search-attributes.ts';
import * as used from '../../workflows/search-attributes.ts';

const PROJECT = path.resolve(import.meta.dirname, '..', '..');

/** Those that the server sets itself. */
const SERVERS_OWN = /^Temporal/;

it('every search attribute that a workflow may set is registered, with its type', () => {
  const set = Object.values(used).flatMap((key) =>
    typeof key === 'object' && 'name' in key && !SERVERS_OWN.test(key.name) ? [[key.name, key.type]] : [],
  );
  expect(set.length).toBeGreaterThan(5);
  const known = Object.entries(registered).map(([name, type]) => [
    name,
    type.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase(),
  ]);
  expect(Object.fromEntries(set)).toEqual(Object.fromEntries(known));
});

/**
 * Calls that set attributes by their bare names, which need no key. The keys themselves the linter lets nobody else
 * define, and TypeScript takes no others.
 */
function setByName(code: string): readonly string[] {
  return (
    code.match(/\b(?:upsertSearchAttributes|setAttributes)\(\s*(?!\[)[^)]{0,80}|\bkey:\s*\{\s*name:[^}]*/g) ??
    []
  );
}

it('every call sets them by the keys of workflows/search-attributes.ts, which are the registered ones', () => {
  expect(setByName("upsertSearchAttributes({ WeirUnknown: ['x'] })")).toHaveLength(1);
  expect(setByName("[{ key: { name: 'WeirUnknown', type: 'KEYWORD' }, value: 'x' }]")).toHaveLength(1);
  expect(setByName("setAttributes({ WeirUnknown: ['x'] })")).toHaveLength(1);
  expect(setByName("upsertSearchAttributes([{ key: attribute.pipeline, value: 'x' }])")).toEqual([]);
  // What hands them on is typed by keys, and who calls it is looked at.
  const files = globSync('workflows/**/*.ts', { cwd: PROJECT }).filter(
    (file) => file !== path.join('workflows', 'set-attributes.ts'),
  );
  const calls = files.flatMap((file) =>
    setByName(readFileSync(path.join(PROJECT, file), 'utf8')).map((call) => `${file}: ${call}`),
  );
  expect(files.length).toBeGreaterThan(20);
  expect(calls, 'give [{ key: attribute.x, value }]: an unregistered name wedges the run').toEqual([]);
});

it('every list of names is cut to what Temporal takes of one: above 2 KB the run stands still', () => {
  const lists = Object.entries(used).flatMap(([name, key]) =>
    typeof key === 'object' && 'type' in key && key.type === 'KEYWORD_LIST' ? [name] : [],
  );
  expect(lists.toSorted()).toEqual(['failedSuites', 'models']);
  const written = globSync('workflows/**/*.ts', { cwd: PROJECT }).flatMap(
    (file) =>
      readFileSync(path.join(PROJECT, file), 'utf8').match(
        new RegExp(String.raw`key: attribute\.(?:${lists.join('|')}), value: \S+`, 'g'),
      ) ?? [],
  );
  expect(written.length).toBeGreaterThan(2);
  expect(written.filter((one) => !one.includes('value: keywords('))).toEqual([]);
});
