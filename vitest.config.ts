import { defineConfig } from 'vitest/config';

// A zone that is neither UTC nor the server's (test/setup/global-postgres.ts), so that a time read in the wrong one shows.
process.env['TZ'] = 'America/New_York';

// Tests bring their own servers: nothing here may reach the ones that somebody's shell is set to.
for (const name of Object.keys(process.env))
  if (/^(DATABASE_URL|PG[A-Z]+|TEMPORAL_|PAGERDUTY_|WEIR_)/.test(name)) delete process.env[name];

// Whoever watches the run on a terminal sees it in colour (test/tools.ts); what is tested answers as into a pipe.
const env = { FORCE_COLOR: '0' };

const needsPostgres = 'test/**/*.pg.test.ts';
const needsTemporal = 'test/**/*.temporal.test.ts';
const needsBrowser = 'test/**/*.browser.test.ts';

/**
 * Four kinds of tests by file name. A server is started only when a file that needs it runs:
 * `vitest run --project unit`, `vitest run test/some/path`.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    // Vitest's processes end by process.exit: infra/local/end-process.mjs says what that risks, and this is half of it.
    execArgv: ['--no-concurrent-sparkplug'],
    // Most of them wait for a server, not for the processor.
    maxWorkers: 3,
    teardownTimeout: 60_000,
    projects: [
      {
        test: {
          name: 'unit',
          env,
          include: ['test/**/*.test.ts'],
          exclude: [needsPostgres, needsTemporal, needsBrowser],
          testTimeout: 10_000,
        },
      },
      {
        test: {
          name: 'pg',
          env,
          include: [needsPostgres],
          globalSetup: ['test/setup/global-postgres.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'temporal',
          env,
          include: [needsTemporal],
          globalSetup: ['test/setup/global-postgres.ts', 'test/setup/global-temporal.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          env,
          include: [needsBrowser],
          globalSetup: [
            'test/setup/global-postgres.ts',
            'test/setup/global-temporal.ts',
            'test/setup/global-chromium.ts',
          ],
          // A browser on a machine that three test files share: what takes 20 s on a quiet one.
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
