import { defineCommand } from 'citty';

/** `weir page`: whether on-call can be told, and what they were told. */
export default defineCommand({
  meta: {
    name: 'page',
    description:
      'Send a harmless page to those who are told, see what is open and what was not delivered, and close what nothing else will. Example: weir page test Exit codes: those of the verbs below.',
  },
  subCommands: {
    test: async () => (await import('./page/test.ts')).default,
    list: async () => (await import('./page/list.ts')).default,
    resolve: async () => (await import('./page/resolve.ts')).default,
  },
});
