import { defineCommand } from 'citty';

/** `weir page`: whether on-call can be told, and what they were told. */
export default defineCommand({
  meta: {
    name: 'page',
    description:
      'Send a harmless page to those who are told, and see what is open and what was not delivered. Example: weir page test Exit codes: those of the verbs below.',
  },
  subCommands: {
    test: async () => (await import('./page/test.ts')).default,
    list: async () => (await import('./page/list.ts')).default,
  },
});
