import { readChecked } from '../plan/check.ts';
import { openDatabase } from '../../workers/databases.ts';
import { isPostgresUrl } from '../../workers/settings.ts';
import { cliFolders, takeDemoSettings } from '../connect.ts';
import { Failure } from '../exit-codes.ts';
import { reachTemporal } from '../reach-temporal.ts';
import { broken, type Check, type Finding, type Surroundings } from './check.ts';
import { checks } from './checks.ts';
import { postgres } from './postgres.ts';

/** What one check came to. */
export interface Examined {
  readonly check: string;
  readonly findings: readonly Finding[];
}

/** Looks at everything, whatever is broken; what cannot be reached is said once, by its own check. */
export async function examine(): Promise<readonly Examined[]> {
  takeDemoSettings();
  const { surroundings, close } = await surroundingsOf(process.env);
  try {
    return await Promise.all(checks.map((check) => runCheck(check, surroundings)));
  } finally {
    await close();
  }
}

/** A check that breaks is broken itself, and no other one is. */
export async function runCheck({ name, run }: Check, surroundings: Surroundings): Promise<Examined> {
  try {
    return { check: name, findings: await run(surroundings) };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return {
      check: name,
      findings: [broken(`could not be looked at: ${said}`, 'mend what is said above first, then look again')],
    };
  }
}

async function surroundingsOf(
  env: NodeJS.ProcessEnv,
): Promise<{ readonly surroundings: Surroundings; readonly close: () => Promise<void> }> {
  const url = env['DATABASE_URL'] ?? '';
  const databaseUrl = isPostgresUrl(url) && new URL(url).password !== '' ? url : null;
  const bare: Surroundings = {
    env,
    databaseUrl,
    database: null,
    temporal: null,
    taskQueue: env['WEIR_TASK_QUEUE'] ?? 'weir',
    repository: null,
    refusals: [],
  };
  const [answers, temporal, files] = await Promise.all([
    runCheck(postgres, bare),
    reachTemporal().catch(() => null),
    readFiles(),
  ]);
  const isThere = databaseUrl !== null && answers.findings.every(({ level }) => level === 'ok');
  const database = isThere ? openDatabase(databaseUrl, 'weir doctor', 4) : null;
  return {
    surroundings: { ...bare, ...files, temporal, database },
    close: async () => {
      await Promise.all([database?.destroy(), temporal?.connection.close()]);
    },
  };
}

async function readFiles(): Promise<Pick<Surroundings, 'repository' | 'refusals'>> {
  try {
    return { repository: await readChecked(cliFolders()), refusals: [] };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const lines = error instanceof Failure ? said.split('\n').filter((line) => line.trim() !== '') : [said];
    return { repository: null, refusals: lines };
  }
}
