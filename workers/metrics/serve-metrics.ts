import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Counters } from './counters.ts';
import type { PostgresGauges } from './postgres-gauges.ts';
import type { TemporalExporter } from './temporal-exporter.ts';

/** Where what a worker counts can be read. */
export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface MetricsSources {
  readonly counters: Counters;
  readonly temporal: TemporalExporter | null;
  /** Null until the process has its pools. */
  readonly postgres: () => PostgresGauges | null;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** How long Temporal's core, in the same process, may take to answer. */
const TEMPORAL_MS = 2_000;

/**
 * Serves `/metrics`: what this process counted, what Temporal's core counted, what Postgres knows. What does not answer is
 * left out and said: a scrape is worth most when something is away.
 *
 * @param port 0 picks a free one.
 * @throws Error naming the setting, where the port cannot be had.
 */
export async function serveMetrics(port: number, sources: MetricsSources): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('There is /metrics.\n');
      return;
    }
    void metricsText(sources).then(
      (text) => response.writeHead(200, { 'content-type': TEXT, 'cache-control': 'no-store' }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(port);
  const failed = Promise.withResolvers<never>();
  server.once('error', (error: Error & { code?: string }) =>
    failed.reject(
      new Error(
        `WEIR_METRICS_PORT ${port} cannot be listened on (${error.code ?? error.message}): is another worker of this machine there? Give each a port of its own, or 0 for a free one, which the worker prints.`,
      ),
    ),
  );
  await Promise.race([once(server, 'listening'), failed.promise]);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function metricsText({ counters, temporal, postgres }: MetricsSources): Promise<string> {
  const gauges = postgres();
  const [known, core] = await Promise.all([
    gauges?.read() ?? null,
    temporal?.read(TEMPORAL_MS).catch(() => null) ?? null,
  ]);
  if (known !== null && known.text === null) counters.databaseReadFailed();
  const own = await counters.registry.metrics();
  const up = [
    // Before it has its pools a worker knows nothing of Postgres, neither that it is away.
    ...(known === null
      ? []
      : [flag('weir_database_up', 'Whether Postgres answered this scrape.', known.isUp)]),
    ...(temporal === null
      ? []
      : [
          flag(
            'weir_temporal_metrics_up',
            'Whether Temporal’s core in this process told what it counts.',
            core !== null,
          ),
        ]),
  ];
  return (
    [own, ...up, known?.text ?? '', core ?? '']
      .map((part) => part.trimEnd())
      .filter((part) => part !== '')
      .join('\n') + '\n'
  );
}

function flag(name: string, help: string, is: boolean): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${is ? 1 : 0}`;
}
