import { defineCommand } from 'citty';
import { migrate } from '../infra/migrate.ts';
import { answer } from './answer.ts';
import { cliDatabaseUrl, cliFolders } from './connect.ts';
import { exitCodes, exitsWith, type ExitCode } from './exit-codes.ts';
import { withProgress } from './progress.ts';

/** `weir migrate`: brings a database to what this version needs. Safe to run again, and beside another. */
export default defineCommand({
  meta: {
    name: 'migrate',
    description:
      'Create or update layers, control tables, logins and the tables of all models. Safe to run again, and beside another. Example: weir migrate Exit codes: 0 the database is up to date, 3 could not run.',
  },
  args: { json: { type: 'boolean', description: 'print the migrations that it had not had yet, as JSON' } },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const url = cliDatabaseUrl();
    const migrated = await withProgress('migrating', () => migrate(url, cliFolders()));
    answer(args.json, migrated, () => 'the database is up to date\n');
    return exitCodes.done;
  }),
});
