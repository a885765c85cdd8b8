import { parseSync } from 'libpg-query';
import type { PublishedModel } from './model.ts';
import { returnsOneRow } from './proved-keys.ts';

/**
 * True where a mapping model's SELECT can be seen to make at most one row of each row of its delta: it reads that delta
 * alone, groups nothing and calls no function that may return several rows. Then rows that come out can be counted
 * against rows that went in; where it cannot be seen, they have to be told apart by their place.
 */
export function mapsEachRow(model: Pick<PublishedModel, 'sql'>): boolean {
  const statement = parseSync(model.sql).stmts?.[0]?.stmt;
  if (statement === undefined || !('SelectStmt' in statement)) return false;
  const { fromClause, targetList, sortClause, withClause, op, larg } = statement.SelectStmt;
  const [only, ...others] = fromClause ?? [];
  if (only === undefined || !('RangeVar' in only) || others.length > 0) return false;
  if (withClause !== undefined || larg !== undefined || (op ?? 'SETOP_NONE') !== 'SETOP_NONE') return false;
  return [targetList, sortClause].every(returnsOneRow);
}
