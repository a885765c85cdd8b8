import { defineCommand } from 'citty';

/** `weir docs`: the catalogue, as files or live. */
export default defineCommand({
  meta: {
    name: 'docs',
    description:
      'The catalogue: models, suites, gates and what happened, as pages to look at. Example: weir docs serve Exit codes: 0 done, 3 could not run.',
  },
  subCommands: {
    build: async () => (await import('./docs/build.ts')).default,
    serve: async () => (await import('./docs/serve.ts')).default,
    export: async () => (await import('./docs/export.ts')).default,
  },
});
