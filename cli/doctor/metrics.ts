import { ok, PATIENCE_MS, skipped, warning, type Check, type Finding } from './check.ts';

/** Whether somebody would notice that Weir is silent: what a worker tells Prometheus on this machine. */
export const metrics: Check = {
  name: 'metrics',
  run: async ({ env }) => {
    const port = env['WEIR_METRICS_PORT'] ?? '';
    if (port === '')
      return skipped(
        (env['WEIR_HEARTBEAT_URL'] ?? '') === ''
          ? 'neither WEIR_METRICS_PORT nor WEIR_HEARTBEAT_URL is set here, by which silence is noticed'
          : 'WEIR_METRICS_PORT is not set here',
      );
    if (port === '0') return skipped('WEIR_METRICS_PORT is 0: each worker prints the one that it took');
    return [await ask(`http://localhost:${port}/metrics`)];
  },
};

async function ask(url: string): Promise<Finding> {
  const text = await textOf(url);
  if (text === null)
    return warning(
      `nobody tells metrics at ${url}`,
      'start a worker with WEIR_METRICS_PORT here; is another one on another machine, ask it there',
    );
  const up = (name: string): string | undefined => new RegExp(`^${name} (\\d)$`, 'm').exec(text)?.[1];
  if (up('weir_temporal_metrics_up') === undefined)
    return warning(
      `what answers at ${url} is no worker of Weir’s`,
      'give WEIR_METRICS_PORT a port that is free',
    );
  const missing = [
    ...(up('weir_database_up') === '1' ? [] : ['Postgres knows']),
    ...(up('weir_temporal_metrics_up') === '1' ? [] : ['Temporal counts']),
  ];
  return missing.length === 0
    ? ok(`a worker tells them at ${url}`)
    : warning(`the worker at ${url} does not tell what ${missing.join(' nor what ')}`, 'look at its log');
}

async function textOf(url: string): Promise<string | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return await response.text();
  } catch {
    return null;
  }
}
