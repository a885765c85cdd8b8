import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../infra/local/postgres.ts';
import { once, runFolder } from './once.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the superuser of the run's cluster. */
    postgresAdminUrl: string;
  }
}

/** One cluster for the run, in a zone of its own. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const { server, release } = await once('postgres', () =>
    startPostgres({
      dataFolder: join(runFolder, 'postgres'),
      timezone: 'Asia/Kolkata',
      durable: false,
      settings: { shared_buffers: '256MB', max_connections: '500' },
    }),
  );
  project.provide('postgresAdminUrl', server.adminUrl);
  return release;
}
