import { defineCommand } from 'citty';

/** `weir new`: a file that works at once, where its kind has its place. */
export default defineCommand({
  meta: {
    name: 'new',
    description:
      'Write a file that works at once and is yours to change: a model, source, suite, expectation or notifier, or the models on a schedule of a minute. Example: weir new model stg_returns --from raw_returns Exit codes: those of the verbs below.',
  },
  subCommands: {
    model: async () => (await import('./new/model.ts')).default,
    source: async () => (await import('./new/source.ts')).default,
    suite: async () => (await import('./new/suite.ts')).default,
    expectation: async () => (await import('./new/expectation.ts')).default,
    minute: async () => (await import('./new/minute.ts')).default,
    notifier: async () => (await import('./new/notifier.ts')).default,
  },
});
