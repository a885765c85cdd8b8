import { readFileSync, globSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { editorSchema, headerSchemas } from '../../models/header-schema.ts';
import { readHeader } from '../../models/header.ts';
import { modelText, sourceText } from './model-text.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const taken = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(editorSchema());

function header(text: string): unknown {
  return parse(/\/\*([^]*?)\*\//.exec(text)?.[1] ?? '');
}

describe("the editors' schema", () => {
  test.each(globSync('models/*/*.sql', { cwd: ROOT }))('takes %s', (file) => {
    const read: unknown = header(readFileSync(path.join(ROOT, file), 'utf8'));
    expect([taken(read), taken.errors]).toEqual([true, null]);
  });

  test.each([
    modelText('table', ''),
    modelText('full_refresh', ''),
    modelText('full_refresh', 'unique_key: [id]\nuniqe: 1'),
    modelText('view', 'unique_key: [id]\ngate: none\ngate_reason: r'),
    sourceText({ id: 'text' }).replace('reader', 'raeder'),
  ])('refuses what a load refuses: %s', (text) => {
    expect(readHeader('models/gold/things.sql', text).header).toBeNull();
    expect(taken(header(text))).toBe(false);
  });

  test('says of every field what it is', () => {
    for (const schema of Object.values(headerSchemas)) {
      const properties: object = 'properties' in schema ? Object(schema.properties) : {};
      for (const [name, field] of Object.entries(properties))
        expect([name, Object.keys(Object(field))]).toEqual([name, expect.arrayContaining(['description'])]);
    }
  });
});

test('the guide has every field', () => {
  const guide = readFileSync(path.join(ROOT, 'docs/guides/models.md'), 'utf8');
  const fields = Object.values(headerSchemas).flatMap((schema) =>
    'properties' in schema ? Object.keys(Object(schema.properties)) : [],
  );
  expect([...new Set(fields)].filter((field) => !guide.includes(`\`${field}\``))).toEqual([]);
});
