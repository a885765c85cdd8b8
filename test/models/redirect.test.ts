import { parseSync } from 'libpg-query';
import { describe, expect, test } from 'vitest';
import { redirectRelations } from '../../models/redirect.ts';
import '../../models/sql-tree.ts';

/** Everything of `silver` and `delta` goes to the schema `try_me`. */
const away = (schema: string, name: string): string | null =>
  schema === 'silver' || schema === 'delta' ? `"try_me"."${name}"` : null;

describe('redirectRelations', () => {
  test.each([
    ['a name of its own', 'select a from silver.x', 'select a from "try_me"."x" as "x"'],
    ['an alias', 'select y.a from silver.x as y', 'select y.a from "try_me"."x" as y'],
    ['an alias without as', 'select y.a from silver.x y (a)', 'select y.a from "try_me"."x" y (a)'],
    ['what is not asked for', 'select a from gold.x, silver.y', 'select a from gold.x, "try_me"."y" as "y"'],
    [
      'quotes, blanks and comments',
      'select a from "silver" /* é */ . "x"',
      'select a from "try_me"."x" as "x"',
    ],
    [
      'text beyond ASCII before it',
      "select 'é€😀' from silver.x -- é",
      'select \'é€😀\' from "try_me"."x" as "x" -- é',
    ],
    [
      'columns with schema',
      'select silver.x.a, silver.x.* from silver.x',
      'select x.a, x.* from "try_me"."x" as "x"',
    ],
    [
      'lateral, subqueries, CTEs and unions',
      'with x as (select 1 from delta.x) select 1 from x join silver.y using (a) where exists (select from silver.z) union select 1 from only silver.w',
      'with x as (select 1 from "try_me"."x" as "x") select 1 from x join "try_me"."y" as "y" using (a) where exists (select from "try_me"."z" as "z") union select 1 from only "try_me"."w" as "w"',
    ],
    [
      'what stands in text and comments',
      "select 'silver.x' -- silver.x\nfrom gold.x",
      "select 'silver.x' -- silver.x\nfrom gold.x",
    ],
  ])('%s', (_, text, expected) => {
    const redirected = redirectRelations(text, away);
    expect(redirected).toBe(expected);
    expect(() => parseSync(redirected)).not.toThrow();
  });

  test('a query takes the place of a relation', () => {
    const text = redirectRelations('select k.a from touched.f as k', () => '(select 1 as a)');
    expect(text).toBe('select k.a from (select 1 as a) as k');
  });
});
