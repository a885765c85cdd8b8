import { defineCommand } from 'citty';

/** `weir watermark`: what has been published of each delta, and how to go on after a restore. */
export default defineCommand({
  meta: {
    name: 'watermark',
    description:
      'What has been published of each relation: see it, and adopt it after a restore, upgrade or failover. Example: weir watermark show Exit codes: those of the verbs below.',
  },
  subCommands: {
    show: async () => (await import('./watermark/show.ts')).default,
    adopt: async () => (await import('./watermark/adopt.ts')).default,
  },
});
