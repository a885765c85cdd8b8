import { createInterface } from 'node:readline/promises';
import { previewLines } from '../../workflows/backfill/details.ts';
import type { BackfillRequest } from '../../workflows/backfill/input.ts';
import { shortTime } from '../../workflows/backfill/report.ts';
import type { Survey } from '../../activities/backfill/survey.ts';
import { Failure } from '../exit-codes.ts';

/** What a backfill comes to before it begins, for people. */
export function previewText(survey: Survey, request: BackfillRequest): string {
  const { range, pipeline } = survey;
  if (range === null)
    return `nothing missed: between the first and the last slot of the ${pipeline} pipeline that were published in the last seven days there is a run for each; to load intervals again, give --from and --to\n`;
  return [
    `backfill of the ${pipeline} pipeline, [${shortTime(range.from)}, ${shortTime(range.to)})`,
    ...previewLines({ survey, width: request.width }, request).map((line) => `  ${line}`),
    '',
  ].join('\n');
}

/**
 * Asks whether to begin: at a terminal the person who sits there, else whoever wrote the command.
 *
 * @throws Failure (3) where nobody said yes.
 */
export async function confirm(isYes: boolean): Promise<void> {
  if (isYes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new Failure('nothing was begun: say --yes to begin, or --dry-run to look only');
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const said = await asking.question('begin? [y/N] ').finally(() => asking.close());
  if (!/^y(es)?$/i.test(said.trim())) throw new Failure('nothing was begun');
}
