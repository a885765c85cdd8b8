import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defineCommand } from 'citty';
import { answer } from '../answer.ts';
import { withConnections } from '../connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { readFound } from './found-run.ts';
import { linkTo } from './link.ts';
import { markdownText } from './markdown-text.ts';
import { runLines } from './text.ts';

/** How long a worker may take to answer a query, milliseconds. */
const QUERY_TIMEOUT_MS = 10_000;

const NOBODY_ANSWERS = 'no worker answers: what the run shows of itself is not known (weir doctor)';

/** `weir runs show`: one run, with the page that the UI shows of it. */
export default defineCommand({
  meta: {
    name: 'show',
    description:
      'Show one run: its state, and the details that it shows of itself in the UI, with what is held, what to press and where it can be reset to. Example: weir runs show hourly-incremental-load-2017-01-02T08:05:00Z Exit codes: 0 done, 3 could not run.',
  },
  args: {
    run: { type: 'positional', required: true, description: 'its workflow id, as weir runs prints it' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(
    async ({ args }): Promise<ExitCode> =>
      await withConnections(async ({ client, settings, namespace }) => {
        const info = await client.workflow
          .getHandle(args.run)
          .describe()
          .catch((error: unknown) => {
            throw error instanceof WorkflowNotFoundError ? noRun(args.run) : error;
          });
        const run = await readFound(client, info, { linkTo: linkTo(settings, namespace), now: new Date() });
        const details = await readDetails(client, args.run);
        const shown = { ...run, details };
        const { isTTY, columns } = process.stdout;
        const told = (): string =>
          details === null ? NOBODY_ANSWERS : markdownText(details, isTTY ? columns : undefined);
        answer(args.json, shown, () => `${[...runLines(run), '', told()].join('\n').trimEnd()}\n`);
        return exitCodes.done;
      }),
  ),
});

function noRun(id: string): Failure {
  return new Failure(`there is no run ${id}: \`weir runs\` lists those there are, by their whole id`);
}

/** What the UI shows as current details, Markdown; null where no worker answers. */
async function readDetails(client: Client, workflowId: string): Promise<string | null> {
  try {
    const metadata = await client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () =>
      client.workflow
        .getHandle(workflowId)
        .query<{ currentDetails?: string }>('__temporal_workflow_metadata'),
    );
    return metadata.currentDetails ?? '';
  } catch {
    return null;
  }
}
