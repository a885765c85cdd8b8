import { defineCommand } from 'citty';

/** `weir schedules`: schedules live in code; see what they do, reconcile the server with them, stop and start them. */
export default defineCommand({
  meta: {
    name: 'schedules',
    description:
      'The schedules that runs start by: see, reconcile, pause, trigger. Example: weir schedules list Exit codes: those of the verbs below.',
  },
  subCommands: {
    list: async () => (await import('./schedules/list.ts')).default,
    apply: async () => (await import('./schedules/apply.ts')).default,
    diff: async () => (await import('./schedules/diff.ts')).default,
    pause: async () => (await import('./schedules/pause.ts')).default,
    unpause: async () => (await import('./schedules/unpause.ts')).default,
    trigger: async () => (await import('./schedules/trigger.ts')).default,
  },
});
