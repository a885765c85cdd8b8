/**
 * `npm run conformance -- FILE.jsonl`: runs cases that Great Expectations answered, and says where Weir answers
 * otherwise. The last line is `N passed, N failed` by outcome; the exit code is 1 when one failed.
 *
 * `--type NAME` and `--id PART` choose cases, `--verbose` prints each disagreement.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../../infra/local/postgres.ts';
import { openDatabase } from '../../workers/databases.ts';
import { askCase } from './ask-case.ts';
import { compare } from './compare.ts';
import { readCases } from './read-cases.ts';
import type { Case } from './read-cases.ts';
import { reportText, tallyOutcomes } from './report.ts';
import type { Compared } from './report.ts';

const usage = 'usage: npm run conformance -- FILE.jsonl [--type NAME] [--id PART] [--verbose]';

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      type: { type: 'string', multiple: true },
      id: { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  });
  if (positionals.length === 0) throw new Error(usage);
  const { type: types, id } = values;
  const cases = positionals
    .flatMap((file) => readCases(file))
    .filter((one) => (types === undefined || types.includes(one.type)) && one.id.includes(id ?? ''));
  const compared = await withPostgres((adminUrl) => askAll(adminUrl, cases));
  const { passed, failed } = tallyOutcomes(compared);
  console.log(reportText(compared, values.verbose));
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** A cluster that exists for this run. */
async function withPostgres<T>(work: (adminUrl: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-conformance-'));
  const server = await startPostgres({ dataFolder: join(folder, 'postgres'), durable: false });
  try {
    return await work(server.adminUrl);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function askAll(adminUrl: string, cases: readonly Case[]): Promise<readonly Compared[]> {
  const database = openDatabase(adminUrl, 'weir conformance', 1);
  const asOf = new Date().toISOString();
  const compared: Compared[] = [];
  try {
    for (const one of cases) {
      const answer = await askCase(database, one, asOf);
      compared.push({ one, answer, comparison: compare(one, answer) });
    }
  } finally {
    await database.destroy();
  }
  return compared;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log('0 passed, 1 failed');
  process.exitCode = 3;
}
