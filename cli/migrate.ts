import { defineCommand } from 'citty';
import { migrate } from '../infra/migrate.ts';
import { cliDatabaseUrl, cliFolders } from './connect.ts';
import { exitCodes, exitsWith, type ExitCode } from './exit-codes.ts';

/** `weir migrate`: brings a database to what this version needs. Safe to run again, and beside another. */
export default defineCommand({
  meta: {
    name: 'migrate',
    description: 'Create or update layers, control tables, logins and the tables of all models.',
  },
  run: exitsWith(async (): Promise<ExitCode> => {
    await migrate(cliDatabaseUrl(), cliFolders());
    process.stdout.write('the database is up to date\n');
    return exitCodes.done;
  }),
});
