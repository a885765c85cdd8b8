import { defineCommand } from 'citty';

/** `weir quarantine`: what was set aside, and the way back. */
export default defineCommand({
  meta: {
    name: 'quarantine',
    description:
      'Records and rows that were set aside: see them, and put them back mended. Example: weir quarantine list Exit codes: those of the verbs below.',
  },
  subCommands: {
    list: async () => (await import('./quarantine/list.ts')).default,
    show: async () => (await import('./quarantine/show.ts')).default,
    release: async () => (await import('./quarantine/release.ts')).default,
  },
});
