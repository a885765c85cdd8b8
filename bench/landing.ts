// How fast files land: `node bench/landing.ts [files] [rounds]`, on a Postgres of its own. Each file has the baskets of the sample.
import { copyFile, mkdir, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { createExtract } from '../activities/extract.ts';
import { startPostgres } from '../infra/local/postgres.ts';
import { migrate } from '../infra/migrate.ts';
import { openDatabases } from '../workers/databases.ts';

const PROJECT = path.resolve(import.meta.dirname, '..');
const SAMPLE = path.join(PROJECT, 'infra', 'demo', 'data', 'transactions-2017-01.jsonl.gz');

async function main(files: number, rounds: number): Promise<void> {
  const home = await mkdtemp(path.join(tmpdir(), 'weir-landing-'));
  const settings = { shared_buffers: '512MB', max_wal_size: '8GB' };
  const server = await startPostgres({ dataFolder: path.join(home, 'postgres'), settings });
  await migrate(server.adminUrl);
  const databases = openDatabases(server.adminUrl, 'bench landing', 4);
  const landingFolder = path.join(home, 'landing');
  await mkdir(path.join(landingFolder, 'transactions'), { recursive: true });
  const folders = {
    modelsFolder: path.join(PROJECT, 'models'),
    suitesFolder: path.join(PROJECT, 'expectations', 'suites'),
  };
  const { extract } = createExtract({ databases, folders, landingFolder });
  for (let round = 1; round <= rounds; round += 1) {
    for (let file = 1; file <= files; file += 1) {
      const to = path.join(landingFolder, 'transactions', `${round}-${file}.jsonl.gz`);
      await copyFile(SAMPLE, to);
      await utimes(to, 0, 0);
    }
    await sql`checkpoint`.execute(databases.loader).catch(() => undefined);
    const began = performance.now();
    const { rows } = await extract({
      source: 'raw_transactions',
      run: { workflowId: 'bench', runId: 'bench' },
    });
    const seconds = (performance.now() - began) / 1000;
    process.stdout.write(
      `${files} files, ${rows} baskets in ${seconds.toFixed(1)} s: ${Math.round(rows / seconds)} a second\n`,
    );
  }
  await databases.close();
  await server.stop();
  await rm(home, { recursive: true, force: true });
}

await main(Number(process.argv[2] ?? 4), Number(process.argv[3] ?? 3));
