import { sql } from 'kysely';
import type { DatabaseTransaction } from '../activities/databases.ts';
import { renderSql } from '../activities/gate/render-sql.ts';
import { isAskable, planSuite } from '../expectations/compile.ts';
import type { Batch, Run } from '../expectations/compile.ts';
import { compileMeasures } from '../expectations/measuring.ts';
import { promiseWords } from '../expectations/judge.ts';
import { isList, isObject } from '../expectations/json.ts';
import type { Json } from '../expectations/json.ts';
import type { Sql } from '../expectations/scan.ts';
import type { Suite } from '../expectations/suite.ts';

/** The statements that a suite would send, how often each reads which relation, and what cannot be asked at all. */
export async function explainText(
  trx: DatabaseTransaction,
  suite: Suite,
  batch: Batch,
  run: Run,
): Promise<string> {
  const entries = planSuite(suite, batch, run);
  const statements = compileMeasures(entries.filter(isAskable), batch);
  const parts: string[] = [];
  let scans = 0;
  for (const { sql: statement } of statements) {
    const found = scansIn(await planOf(trx, statement));
    scans += found.length;
    parts.push(`${renderSql(trx, statement)};`, ...found.map((scan) => `-- reads: ${scan}`), '');
  }
  const unasked = entries.flatMap((entry) =>
    isAskable(entry) ? [] : [`-- cannot be asked: ${promiseWords(entry)}: ${entry.problem}`],
  );
  const counted = `-- ${statements.length} ${statements.length === 1 ? 'statement' : 'statements'} and ${scans} ${scans === 1 ? 'scan' : 'scans'} for ${entries.length} promises; samples are fetched only for what fails`;
  return [...parts, ...unasked, counted].join('\n');
}

async function planOf(trx: DatabaseTransaction, statement: Sql): Promise<Json> {
  const { rows } = await sql<Record<string, Json>>`explain (format json) ${statement}`.execute(trx);
  return rows[0]?.['QUERY PLAN'] ?? null;
}

/** Nodes of a plan that read a relation, outermost first. */
function scansIn(plan: Json): readonly string[] {
  if (isList(plan)) return plan.flatMap(scansIn);
  if (!isObject(plan)) return [];
  const { 'Node Type': node, 'Relation Name': relation, 'Index Name': index } = plan;
  const own =
    typeof node === 'string' && typeof relation === 'string'
      ? [`${node} on ${relation}${typeof index === 'string' ? ` using ${index}` : ''}`]
      : [];
  return [...own, ...scansIn(plan['Plan'] ?? null), ...scansIn(plan['Plans'] ?? null)];
}
