import { defineCommand } from 'citty';
import { answer } from './answer.ts';
import { withDatabase } from './connect.ts';
import { exitCodes, exitsWith, type ExitCode } from './exit-codes.ts';
import { readStoredRows } from './gate-rows/stored-rows.ts';
import { rowsText } from './gate-rows/text.ts';

/** `weir gate rows`: which rows broke a verdict's promises, for those who may read them. */
export default defineCommand({
  meta: {
    name: 'rows',
    description:
      'The rows that broke a verdict’s promises, and the SQL that lists them all, for psql. For logins that may read results: administrators, and those granted weir_result_reader. Example: weir gate rows VERDICT Exit codes: 0 done, 3 could not run.',
  },
  args: {
    verdict: { type: 'positional', required: true, description: 'the verdict id, or its first letters' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    // The login of the shell itself, not one of Weir's: who may read is a matter of grants.
    const stored = await withDatabase('weir gate rows', (database) => readStoredRows(database, args.verdict));
    answer(args.json, stored, () => rowsText(stored));
    return exitCodes.done;
  }),
});
