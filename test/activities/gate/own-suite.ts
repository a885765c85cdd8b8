import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RepositoryFolders } from '../../../activities/repository.ts';
import type { Json } from '../../../expectations/json.ts';
import { suiteText } from '../../expectations/suite-text.ts';
import { folders } from '../shop.ts';

/** The shipped models, one of whose suites promises something else; stg_transactions gives its gates no parameters. */
export async function withSuite(name: string, expectations: readonly Json[]): Promise<RepositoryFolders> {
  const copy = await mkdtemp(join(tmpdir(), 'weir-own-'));
  const own = { modelsFolder: join(copy, 'models'), suitesFolder: join(copy, 'suites') };
  await cp(folders.modelsFolder, own.modelsFolder, { recursive: true });
  await cp(folders.suitesFolder, own.suitesFolder, { recursive: true });
  const model = join(own.modelsFolder, 'silver', 'stg_transactions.sql');
  const text = await readFile(model, 'utf8');
  await writeFile(model, text.replace(/^ {4}parameters:\n(?: {6}.*\n)+/m, ''));
  const meta = { weir: { owner: 'store-data', runbook: 'docs/runbooks/gate-held.md' } };
  await writeFile(join(own.suitesFolder, `${name}.json`), suiteText(expectations, { name, meta }));
  return own;
}
