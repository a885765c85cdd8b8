import { describe, expect, test } from 'vitest';
import { readCustomQuery } from '../../expectations/custom-sql.ts';

describe('a query of a suite', () => {
  test.each([
    ['select * from {batch} where x > 9', ['select * from ', null, ' where x > 9']],
    ["select '{{' as b", ["select '{' as b"]],
    ['select id from {batch} where x > 8 ;; \n', ['select id from ', null, ' where x > 8  \n']],
    ["select ';--)' from {batch} -- )", ["select ';--)' from ", null, ' -- )']],
    ['select 1 /* ) /* nested */ ; */', ['select 1  ']],
    ["select $a$ ); $$ $a$, e'\\'' , 'it''s', \"a)\"", ["select $a$ ); $$ $a$, e'\\'' , 'it''s', \"a)\""]],
    [
      "select id::bigint, ':name', array[1]::int[] from {batch}",
      ["select id::bigint, ':name', array[1]::int[] from ", null, ''],
    ],
  ])('is taken: %s', (text, parts) => {
    expect(readCustomQuery(text)).toEqual(parts);
  });

  test.each([
    ['', 'no query'],
    ['  -- nothing', 'no query'],
    ['delete from {batch}', 'no SELECT'],
    ["set role 'postgres'", 'no SELECT'],
    ['select 1; select 2', 'more than one statement'],
    ['select 1; {batch}', 'more than one statement'],
    ['select 1) as q; drop table x; select (1', 'closed that was not opened'],
    ['select (1', 'not closed'],
    ['select (1;)', 'semicolon inside'],
    ["select 'a", 'does not end'],
    ["select e'a\\'", 'does not end'],
    ["select e'a'\n'b\\'' ) as q; drop table x; -- '", 'beside each other'],
    ["select e'a' -- c\n 'b'", 'beside each other'],
    ['select $$ a', 'does not end'],
    ['select /* a', 'does not end'],
    ['select $1', 'placeholder'],
    ['select U&"set\\005fconfig"(1)', 'does not end'],
    ["select '{batch}'", 'does not end'],
    ['select {limit}', 'brace'],
    ["select '{' as b", 'brace'],
    ["select set_config('role', 'weir_loader', false)", 'set_config may not be called'],
    ["select pg_catalog . \"set_config\" ('role', 'x', true)", 'set_config may not be called'],
    ["select SET_CONFIG('role', 'x', true)", 'set_config may not be called'],
    ["select query_to_xml('drop table x', true, true, '')", 'query_to_xml may not be called'],
    ['select pg_advisory_lock(1)', 'pg_advisory_lock may not be called'],
    ['select pg_terminate_backend(1)', 'pg_terminate_backend may not be called'],
  ])('is refused: %s', (text, problem) => {
    const read = readCustomQuery(text);
    expect('problem' in read ? read.problem : read).toContain(problem);
  });
});
