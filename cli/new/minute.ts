import path from 'node:path';
import { defineCommand } from 'citty';
import { exitsWith, type ExitCode } from '../exit-codes.ts';
import { MINUTE_HEADERS, minuteModels } from './minute-models.ts';
import { PROJECT, writeNew } from './write-new.ts';

/** `weir new minute`: the shipped models, with transactions and inventory on a schedule of a minute. */
export default defineCommand({
  meta: {
    name: 'minute',
    description:
      'Write a copy of the shipped models in which transactions and inventory run each minute: two header lines of four models differ, and no SQL. Example: weir new minute models-minute Exit codes: 0 written, 3 could not; nothing is written over.',
  },
  args: {
    folder: { type: 'positional', required: true, description: 'the folder of the copy: models-minute' },
    json: { type: 'boolean', description: 'print what was written as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const folder = path.resolve(args.folder);
    return writeNew(
      minuteModels(path.join(PROJECT, 'models'), folder),
      [
        `${Object.keys(MINUTE_HEADERS).join(', ')} say schedule: minute`,
        `export WEIR_MODELS_FOLDER=${path.isAbsolute(args.folder) ? folder : `$PWD/${args.folder}`}   # for workers and shells alike`,
        'weir plan minute',
        'weir schedules apply',
      ],
      args.json,
    );
  }),
});
