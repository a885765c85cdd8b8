import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { defineCommand } from 'citty';
import { lineText, type LogLine } from '../workers/log.ts';
import { takeDemoSettings } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';

/** `weir logs`: what the workers wrote about one run. */
export default defineCommand({
  meta: {
    name: 'logs',
    description:
      "Show what the workers' log says about a run, found by its workflow id or run id, and about the pages that it caused. Example: kubectl logs -l app=weir-worker --tail=-1 | weir logs hourly-incremental-load-2017-01-02T08:05:00Z --file - Exit codes: 0 done, 3 could not run.",
  },
  args: {
    run: {
      type: 'positional',
      required: true,
      description: 'its workflow id or run id, as the Temporal UI shows them',
    },
    file: {
      type: 'string',
      description: 'a log of JSON lines, - for what comes in; default: WEIR_LOG_FILE, or that of the demo',
    },
    model: { type: 'string', description: 'only what is about this model' },
    json: { type: 'boolean', description: 'print the lines as they are' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const about = (line: LogLine): boolean =>
      IDS.some((id) => line[id] === args.run) && (args.model === undefined || line.model === args.model);
    const file = logFile(args.file);
    let found = 0;
    for await (const { line, text } of linesOf(file)) {
      if (!about(line)) continue;
      found += 1;
      process.stdout.write(`${args.json === true ? text : lineText(line)}\n`);
    }
    if (found === 0)
      process.stderr.write(
        `nothing about ${args.run} in ${file === '-' ? 'what came in' : file}: weir runs lists runs by their whole id, and a worker on another machine has a log of its own\n`,
      );
    return exitCodes.done;
  }),
});

/** A page about the run is sent by the workflow of its incident. */
const IDS = ['workflowId', 'runId', 'aboutWorkflowId', 'aboutRunId'] as const;

function logFile(asked: string | undefined): string {
  if (asked === undefined) takeDemoSettings();
  const file = asked ?? process.env['WEIR_LOG_FILE'];
  if (file === undefined)
    throw new Failure(
      'no log is known: give --file, or set WEIR_LOG_FILE as the workers have it. Where their stderr is collected by something else, pipe it in with --file -.',
    );
  if (file !== '-' && !existsSync(file))
    throw new Failure(`there is no log at ${file}: is it that of a worker on another machine?`);
  return file;
}

/** Its lines that are entries; a worker's stderr may have others. */
async function* linesOf(file: string): AsyncGenerator<{ readonly line: LogLine; readonly text: string }> {
  const input = file === '-' ? process.stdin : createReadStream(file, 'utf8');
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const line = entryOf(text);
    if (line !== null) yield { line, text };
  }
}

function entryOf(text: string): LogLine | null {
  if (!text.startsWith('{')) return null;
  try {
    const line: LogLine = JSON.parse(text);
    return typeof line.time === 'string' ? line : null;
  } catch {
    return null; // Cut off in the middle: a worker that is writing it, or one that was killed.
  }
}
