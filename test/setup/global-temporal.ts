import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startTemporal } from '../../infra/local/temporal.ts';
import { once, runFolder } from './once.ts';

declare module 'vitest' {
  interface ProvidedContext {
    temporalAddress: string;
    temporalNamespace: string;
    temporalUiUrl: string;
  }
}

/** One dev server for the run, in memory. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const { server, release } = await once('temporal', () =>
    startTemporal({
      databaseFile: null,
      logFile: join(runFolder, 'temporal.log'),
      onProgress: (line) => process.stderr.write(`${line}\n`),
    }),
  );
  project.provide('temporalAddress', server.address);
  project.provide('temporalNamespace', server.namespace);
  project.provide('temporalUiUrl', server.uiUrl);
  return release;
}
