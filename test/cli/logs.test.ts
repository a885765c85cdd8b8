import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../workers/log.ts';
import { say } from './say.ts';

const RUN = 'hourly-2017-01-02T08';

let folder: string;
let file: string;
const warned: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-logs-'));
  file = path.join(folder, 'worker.log');
  const logger = createLogger({ format: 'text', level: 'INFO', file }, (text) => warned.push(text));
  const about = { workflowId: RUN, workflowRunId: 'run-1', attempt: 1, taskToken: 'x', isLocal: false };
  logger.info('stage done', { ...about, activityType: 'stage', model: 'stg_transactions' });
  logger.debug('not asked for', about);
  logger.warn('Activity failed', {
    ...about,
    activityType: 'publish',
    model: 'fct_daily_sales',
    error: new Error('gone', { cause: new Error('a row: C17') }),
  });
  logger.info('stage done', { ...about, workflowId: 'another', activityType: 'stage' });
  await writeFile(file, 'worker ready\n{"time":"2017-01-0', { flag: 'a' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a log file', () => {
  it('gets everything; what is a warning is said on stderr too', () => {
    expect(warned).toEqual([
      expect.stringMatching(
        /^\S+ WARN {2}Activity failed model=fct_daily_sales step=publish error=gone attempt=1 workflowId=\S+ runId=run-1\n$/,
      ),
    ]);
  });
});

describe('weir logs', { timeout: 60_000 }, () => {
  it('shows what the log says of a run, by either of its ids, or of one of its models', async () => {
    const byId = await say(['logs', RUN], { WEIR_LOG_FILE: file });
    expect(byId.code).toBe(0);
    expect(byId.out.trim().split('\n')).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}stage done model=stg_transactions attempt=1 /),
      expect.stringMatching(/ WARN {2}Activity failed /),
    ]);
    const other = await say(['logs', 'run-1', '--file', file, '--model', 'fct_daily_sales', '--json'], {});
    expect(JSON.parse(other.out)).toMatchObject({
      level: 'WARN',
      step: 'publish',
      workflowId: RUN,
      runId: 'run-1',
      model: 'fct_daily_sales',
      attempt: 1,
      error: 'gone',
    });
    expect(other.out).not.toContain('C17');
  });

  it('says where it found nothing', async () => {
    const said = await say(['logs', RUN.slice(0, -1), '--file', file], {});
    expect(said).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringContaining(`nothing about ${RUN.slice(0, -1)} in ${file}`),
    });
  });

  it('says where it would have to look', async () => {
    const said = await say(['logs', RUN, '--file', path.join(folder, 'none')], {});
    expect(said).toMatchObject({ code: 3, err: expect.stringMatching(/there is no log at/) });
  });
});
