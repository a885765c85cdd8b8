import { openSync, writeSync } from 'node:fs';
import { postgresFault } from '../activities/postgres-error.ts';
import { redactJson, redactText } from '../expectations/redact.ts';
import { DefaultLogger, type LogLevel, type LogMetadata } from '@temporalio/worker';

/** How a worker writes its log. */
export interface LogSettings {
  /** `json`: one object a line, for machines; `text`: for people. */
  readonly format: 'json' | 'text';
  readonly level: LogLevel;
  /** Gets everything, as JSON; what is a warning or worse goes to stderr too. Null: everything to stderr. */
  readonly file: string | null;
}

/** One entry, as its line of JSON has it. Counts, names and codes, never row values. */
export interface LogLine {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: string;
  readonly message: string;
  readonly workflowId?: string;
  readonly runId?: string;
  readonly model?: string;
  /** The station, or the activity that is none. */
  readonly step?: string;
  readonly attempt?: number;
  readonly [more: string]: unknown;
}

const LEVELS: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'];

/**
 * Reads WEIR_LOG_FORMAT (`text` on a terminal when left out, else `json`), WEIR_LOG_LEVEL (`info`) and WEIR_LOG_FILE.
 *
 * @throws Error naming the variable and what was expected.
 */
export function readLogSettings(env: NodeJS.ProcessEnv, isTerminal: boolean): LogSettings {
  const format = env['WEIR_LOG_FORMAT'] || (isTerminal ? 'text' : 'json');
  if (format !== 'json' && format !== 'text')
    throw new Error(`WEIR_LOG_FORMAT is ${JSON.stringify(format)}: give json or text.`);
  const asked = (env['WEIR_LOG_LEVEL'] || 'info').toUpperCase();
  const level = LEVELS.find((known) => known === asked);
  if (level === undefined)
    throw new Error(
      `WEIR_LOG_LEVEL is ${JSON.stringify(env['WEIR_LOG_LEVEL'])}: give ${LEVELS.join(', ').toLowerCase()}.`,
    );
  return { format, level, file: env['WEIR_LOG_FILE'] || null };
}

/**
 * The activities' workers run no workflows, and none serves Nexus, on purpose: a warning at each start would teach people
 * to overlook warnings.
 */
const NOT_WORTH_SAYING = /^No (workflows|Nexus services) registered/;

/** The logger of a worker process. @throws Error when the file cannot be opened. */
export function createLogger(
  { format, level, file }: LogSettings,
  stderr: (text: string) => void = (text) => void process.stderr.write(text),
): DefaultLogger {
  const kept = file === null ? null : openSync(file, 'a');
  return new DefaultLogger(level, (entry) => {
    if (NOT_WORTH_SAYING.test(entry.message)) return;
    const line = redactedLine(
      logLine(entry.level, entry.message, Number(entry.timestampNanos / 1_000_000n), entry.meta),
    );
    // Written at once: what a process says last, before it is killed, is what somebody will look for.
    if (kept !== null) writeSync(kept, `${JSON.stringify(line)}\n`);
    if (kept !== null && LEVELS.indexOf(entry.level) < LEVELS.indexOf('WARN')) return;
    stderr(format === 'json' ? `${JSON.stringify(line)}\n` : `${lineText(line)}\n`);
  });
}

/** What the SDK adds that says nothing to whoever reads, or is said under another name. */
const LEFT_OUT = new Set([
  'taskToken',
  'isLocal',
  'namespace',
  'sdkComponent',
  'workflowRunId',
  'activityType',
  'activityId',
]);

function logLine(level: string, message: string, timeMs: number, meta: LogMetadata = {}): LogLine {
  const runId: unknown = meta['workflowRunId'] ?? meta['runId'];
  const more = Object.entries(meta).filter(([name, value]) => !LEFT_OUT.has(name) && value !== undefined);
  return {
    time: new Date(timeMs).toISOString(),
    level,
    message,
    ...(typeof runId === 'string' ? { runId } : {}),
    ...(typeof meta['activityType'] === 'string' ? { step: meta['activityType'] } : {}),
    ...Object.fromEntries(more.map(([name, value]) => [name, plain(value)])),
  };
}

/** Behind what keeps values out of log lines, in whatever wrote them: patterns. */
function redactedLine(line: LogLine): LogLine {
  return {
    ...Object.fromEntries(Object.entries(line).map(([name, value]) => [name, redactJson(value)])),
    time: line.time,
    level: line.level,
    message: redactText(line.message),
  };
}

/** An error as its message and the type Weir gave it; stacks and causes may quote what an error was about. */
function plain(value: unknown): unknown {
  if (!(value instanceof Error)) return typeof value === 'bigint' ? String(value) : value;
  const fault = postgresFault(value);
  if (fault !== null) return `SQLSTATE ${fault.sqlstate}`;
  const type: unknown = Reflect.get(value, 'type');
  return typeof type === 'string' ? `${type}: ${value.message}` : value.message;
}

/** What a line for people begins with, what it ends with, and what it leaves to the JSON. */
const FIRST = ['model', 'source', 'gate', 'durationMs'];
const LAST = ['attempt', 'workflowId', 'runId'];
const LEFT_TO_JSON = ['taskQueue', 'workflowType', 'counts'];

/** A line for people: `12:00:05.123 INFO  stage done model=stg_transactions durationMs=31 staged=8 … runId=…`. */
export function lineText({ time, level, message, ...rest }: LogLine): string {
  const { counts } = rest;
  const all = new Map<string, unknown>([
    ...(typeof counts === 'object' && counts !== null ? Object.entries(counts) : []),
    ...Object.entries(rest).filter(([name]) => !LEFT_TO_JSON.includes(name)),
  ]);
  if (rest.step !== undefined && message.startsWith(rest.step)) all.delete('step');
  const names = [...all.keys()].filter((name) => !FIRST.includes(name) && !LAST.includes(name));
  const about = [...FIRST, ...names, ...LAST].flatMap((name) => {
    const value = all.get(name);
    if (value === undefined) return [];
    return [`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`];
  });
  return [time.slice(11, 23), level.padEnd(5), message, ...about].join(' ');
}
