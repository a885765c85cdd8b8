import { sql } from 'kysely';
import type { DatabaseTransaction } from '../activities/databases.ts';
import { proveEntries } from '../activities/gate/prove-entries.ts';
import { renderSql } from '../activities/gate/render-sql.ts';
import { isAskable, planSuite } from '../expectations/compile.ts';
import type { Batch, Entry, Run } from '../expectations/compile.ts';
import { compileMeasures } from '../expectations/measuring.ts';
import { promiseWords } from '../expectations/judge.ts';
import { isList, isObject } from '../expectations/json.ts';
import type { Json } from '../expectations/json.ts';
import type { Sql } from '../expectations/scan.ts';
import type { Suite } from '../expectations/suite.ts';

/** The statements that a suite would send, how often each reads which relation, and how each promise is kept: measured, proved or not asked. */
export async function explainText(
  trx: DatabaseTransaction,
  suite: Suite,
  batch: Batch,
  run: Run,
): Promise<string> {
  const entries = await proveEntries(trx, planSuite(suite, batch, run), batch);
  const statements = compileMeasures(entries.filter(isAskable), batch);
  const parts: string[] = [];
  let scans = 0;
  for (const { sql: statement } of statements) {
    const found = scansIn(await planOf(trx, statement));
    scans += found.filter(({ spare }) => !spare).length;
    const reads = found.map(
      ({ words, spare }) => `-- reads${spare ? ', only where something repeats' : ''}: ${words}`,
    );
    parts.push(`${renderSql(trx, statement)};`, ...reads, '');
  }
  const counted = `-- ${statements.length} ${statements.length === 1 ? 'statement' : 'statements'} and ${scans} ${scans === 1 ? 'scan' : 'scans'} for ${entries.length} promises; samples are fetched only for what fails`;
  return [...parts, ...entries.map(howItIsKept), counted].join('\n');
}

function howItIsKept(entry: Entry): string {
  const promise = promiseWords(entry);
  if (!isAskable(entry)) return `-- cannot be asked: ${promise}: ${entry.problem}`;
  return entry.proof === null
    ? `-- measured: ${promise}`
    : `-- proved: ${promise}: by ${entry.proof.by}, ${entry.proof.text}`;
}

async function planOf(trx: DatabaseTransaction, statement: Sql): Promise<Json> {
  const { rows } = await sql<Record<string, Json>>`explain (format json) ${statement}`.execute(trx);
  return rows[0]?.['QUERY PLAN'] ?? null;
}

/** A node of a plan that reads a relation. */
interface PlannedScan {
  readonly words: string;
  /** Whether it may never run: what a query beside the scan asks only after its first answer. */
  readonly spare: boolean;
}

/** Nodes of a plan that read a relation, outermost first. @param depth of queries that are planned on their own. */
function scansIn(plan: Json, depth = 0): readonly PlannedScan[] {
  if (isList(plan)) return plan.flatMap((one) => scansIn(one, depth));
  if (!isObject(plan)) return [];
  const { 'Node Type': node, 'Relation Name': relation, 'Index Name': index } = plan;
  const inside = depth + (plan['Parent Relationship'] === 'InitPlan' ? 1 : 0);
  const using = typeof index === 'string' ? ` using ${index}` : '';
  const own =
    typeof node === 'string' && typeof relation === 'string'
      ? [{ words: `${node} on ${relation}${using}`, spare: inside > 1 }]
      : [];
  return [...own, ...scansIn(plan['Plan'] ?? null, inside), ...scansIn(plan['Plans'] ?? null, inside)];
}
