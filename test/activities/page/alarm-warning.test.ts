import { expect, it } from 'vitest';
import { tellAlarm } from '../../../activities/page/alarm.ts';
import type { AlarmPage } from '../../../activities/page/page-input.ts';

const silence: AlarmPage = {
  kind: 'alarm',
  state: 'raised',
  alarm: 'sourceSilent',
  subject: 'raw_returns',
  occasion: '7',
  severity: 'warning',
  summary: 'raw_returns has brought nothing since noon',
  details: {},
  owner: 'returns',
  tier: 3,
  runbook: 'docs/runbooks/source-silent.md',
  run: null,
  relation: 'raw_returns',
  because: null,
};

it('an alarm that is a warning is a change event: it opens nothing, and asks no books', async () => {
  const handed: unknown[] = [];
  const client = {
    withDeadline: (_: number, work: () => Promise<unknown>) => work(),
    workflow: {
      signalWithStart: async (_: string, { signalArgs }: { readonly signalArgs: readonly unknown[] }) => {
        handed.push(...signalArgs);
      },
    },
  };
  const deps = {
    client,
    environment: 'test',
    taskQueue: 'q',
    links: { temporalUi: 'http://ui', namespace: 'default' },
  };
  expect(await tellAlarm(deps as never, silence)).toBeNull();
  expect(handed).toMatchObject([
    { action: 'change', severity: 'warning', dedupKey: 'weir/test/raw_returns/sourceSilent', tier: 3 },
  ]);
});
