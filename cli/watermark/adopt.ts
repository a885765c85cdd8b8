import os from 'node:os';
import { defineCommand } from 'citty';
import { AdoptionRefused, adoptWatermarks } from '../../activities/adopt-watermark.ts';
import type { Adopted, Adoption } from '../../activities/adopt-watermark.ts';
import { answer } from '../answer.ts';
import { withDatabase } from '../connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from '../exit-codes.ts';

/** `weir watermark adopt`. */
export default defineCommand({
  meta: {
    name: 'adopt',
    description:
      'Say that watermarks are good for this database, after a restore, an upgrade or a failover: loads go on from them. Refused on a standby, and where transaction ids do not fit. Example: weir watermark adopt --all --reason "failed over to the second node" Exit codes: 0 adopted, 3 refused or could not run.',
  },
  args: {
    model: { type: 'positional', required: false, description: 'whose watermarks' },
    all: { type: 'boolean', description: 'all of them' },
    'rewrite-xid': {
      type: 'boolean',
      description:
        'after a dump and restore: give every row a transaction id of this database; takes as long as rewriting every table',
    },
    reason: { type: 'string', required: true, description: 'why, for the audit log' },
    by: { type: 'string', description: 'who decides; default: the user of this shell' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    if ((args.model === undefined) === (args.all !== true))
      throw new Failure('say whose watermarks are adopted: a model, or --all');
    const reason = args.reason.trim();
    if (reason === '') throw new Failure('--reason is empty: say why, for those who read the audit log');
    const adopted = await adopt({
      model: args.model ?? null,
      rewriteXids: args['rewrite-xid'] === true,
      reason,
      by: args.by ?? os.userInfo().username,
    });
    answer(args.json, adopted, () => adopted.map(line).join(''));
    return exitCodes.done;
  }),
});

async function adopt(adoption: Adoption): Promise<readonly Adopted[]> {
  try {
    return await withDatabase('weir watermark adopt', (database) => adoptWatermarks(database, adoption));
  } catch (error) {
    throw error instanceof AdoptionRefused ? new Failure(error.message) : error;
  }
}

function line({ model, relation }: Adopted): string {
  return `${model} · ${relation} · adopted\n`;
}
