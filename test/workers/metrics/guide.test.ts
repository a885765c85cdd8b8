import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createCounters } from '../../../workers/metrics/counters.ts';
import { GAUGES } from '../../../workers/metrics/gauges.ts';
import { root } from '../../tools.ts';

const guide = readFileSync(path.join(root, 'docs', 'guides', 'metrics.md'), 'utf8');
const rules = globSync('infra/prometheus/rules/*.yml', { cwd: root })
  .map((file) => readFileSync(path.join(root, file), 'utf8'))
  .join('\n');

it('the guide names every metric of Weir’s own and every alert, and none that there is not', async () => {
  const counted = [...(await createCounters().registry.metrics()).matchAll(/^# TYPE (weir_\w+)/gm)];
  const metrics = [
    ...counted.map(([, name = '']) => name),
    ...Object.keys(GAUGES),
    'weir_database_up',
    'weir_temporal_metrics_up',
  ];
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
  const named = new Set(
    [...guide.matchAll(/`(weir_\w+|(?:Weir|Temporal)[A-Z]\w+)`/g)].map(([, name]) => name),
  );
  expect(named).toEqual(new Set([...metrics, ...alerts]));
});

it('gauges are described in words, each ending as a sentence', () => {
  for (const help of Object.values(GAUGES)) expect(help).toMatch(/^[A-Z0-9].*\.$/);
});
