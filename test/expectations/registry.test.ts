import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ExpectationType } from '../../expectations/define-expectation.ts';
import { registryText } from '../../expectations/generate.ts';
import { expectationTypes } from '../../expectations/registry.gen.ts';

const types: readonly [string, ExpectationType][] = Object.entries(expectationTypes);

test('the registry is fresh: npm run gen', () => {
  expect(readFileSync(new URL('../../expectations/registry.gen.ts', import.meta.url), 'utf8')).toBe(
    registryText(),
  );
});

test('every file of types/ is registered', () => {
  const files = readdirSync(new URL('../../expectations/types/', import.meta.url));
  expect(files).toEqual(types.map(([name]) => `${name}.ts`));
});

describe.each(types)('%s', (name, kind) => {
  test('is named as its file, documented, and has an example that holds and one that does not, or says why', () => {
    expect(kind.type).toBe(name);
    for (const text of Object.values(kind.docs)) expect(text).not.toBe('');
    expect(kind.examples.some(({ success }) => !success)).toBe(true);
  });

  test('its examples have good arguments, and say in words what they promise', () => {
    for (const { kwargs } of kind.examples) {
      expect(kind.problems(kwargs)).toEqual([]);
      expect(kind.bind(kwargs)?.describe).toMatch(/\S/);
    }
  });

  test('refuses an argument that it does not know', () => {
    for (const { kwargs } of kind.examples) {
      expect(kind.problems({ ...kwargs, nonsense: 1 })).toMatchObject([{ property: 'nonsense' }]);
    }
  });
});
