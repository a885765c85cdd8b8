import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSuite } from '../../expectations/suite.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { askCase } from './ask-case.ts';
import { compare, levels } from './compare.ts';
import { readCases } from './read-cases.ts';
import { apartTag } from './report.ts';
import type { Compared } from './report.ts';

const here = import.meta.dirname;
const explained = readFileSync(path.join(here, '..', '..', 'docs', 'conformance.md'), 'utf8');

let database: FreshDatabase;
const compared: Compared[] = [];
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
  const asOf = new Date().toISOString();
  for (const one of readCases(path.join(here, 'conformance-open.jsonl.gz'))) {
    const answer = await askCase(database.admin, one, asOf);
    compared.push({ one, answer, comparison: compare(one, answer) });
  }
});
afterAll(() => database.drop());

/** Cases made to find where the two differ: the open ones bent in one place, and asked of Great Expectations too. */
describe('the cases made to find differences', () => {
  test('agree on every level, or stand apart with the reason in docs/conformance.md', async () => {
    const asOf = new Date().toISOString();
    const differing: string[] = [];
    const apart = new Set<string>();
    for (const one of readCases(path.join(here, 'differential.jsonl.gz'))) {
      const tag = apartTag(one);
      if (tag !== null) apart.add(tag);
      const comparison = compare(one, await askCase(database.admin, one, asOf));
      const differs = [...comparison.values()].some(({ length }) => length > 0);
      if (differs && tag === null) differing.push(one.id);
    }
    expect(differing).toEqual([]);
    expect([...apart].sort()).toEqual(['gx_defect', 'gx_quirk']);
    expect([...apart].filter((tag) => !explained.includes(`\`${tag}\``))).toEqual([]);
  });
});

describe('the cases that Great Expectations answered', () => {
  const measured = (): readonly Compared[] => compared.filter(({ one }) => apartTag(one) === null);

  test.each(levels)('agree on %s, 99 in 100 at least', (level) => {
    const applying = measured().filter(({ comparison }) => comparison.has(level));
    const differing = applying.filter(({ comparison }) => comparison.get(level)?.length !== 0);
    expect(applying.length).toBeGreaterThan(1000);
    expect(differing.length / applying.length).toBeLessThan(0.01);
  });

  test('where they do not, docs/conformance.md says why', () => {
    const differing = measured().filter(({ comparison }) =>
      [...comparison.values()].some(({ length }) => length > 0),
    );
    expect(differing.map(({ one }) => one.id).filter((id) => !explained.includes(`\`${id}\``))).toEqual([]);
  });

  test('an expectation that Great Expectations drops is refused, and none of its defects makes a pass of an error', () => {
    const dropped = compared.filter(({ one }) => one.tags.has('dropped_from_suite'));
    expect(dropped.length).toBeGreaterThan(0);
    expect(dropped.filter(({ answer }) => answer.error === null).map(({ one }) => one.id)).toEqual([]);
  });
});

test.each(readdirSync(path.join(here, 'suites')))(
  '%s, as Great Expectations wrote it, is read as it is',
  (file) => {
    const suite = parseSuite(file, readFileSync(path.join(here, 'suites', file), 'utf8'));
    expect(suite.expectations.length).toBeGreaterThan(0);
  },
);
