import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedLabel, OTHER } from '../../../workers/metrics/bounded-label.ts';
import { createCounters } from '../../../workers/metrics/counters.ts';

describe('a bounded label', () => {
  it('takes names, and what cannot be one as other', () => {
    const label = boundedLabel(10);
    expect(label('stg_transactions')).toBe('stg_transactions');
    for (const none of [
      '',
      'a b',
      'x'.repeat(64),
      '7ca5d0f2-1f5e-4b2a',
      'someone@example.com',
      7,
      null,
      undefined,
    ])
      expect(label(none), String(none)).toBe(OTHER);
  });

  it('has no more values than it may, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 0, max: 5 }), (values, most) => {
        const label = boundedLabel(most);
        const named = values.map((_, at) => label(`name_${at % 9}`));
        const taken = new Set([...values.map(label), ...named].filter((value) => value !== OTHER));
        expect(taken.size).toBeLessThanOrEqual(most);
      }),
    );
  });

  it('goes on giving a value that it has taken', () => {
    const label = boundedLabel(1);
    expect(['a', 'b', 'a', 'b'].map(label)).toEqual(['a', OTHER, 'a', OTHER]);
  });
});

describe('counters', () => {
  it('keep ids and values out of labels', async () => {
    const counters = createCounters();
    const id = '01a2b3c4-0000-4000-8000-000000000000';
    counters.ended({ station: 'stage', model: id }, 1, null);
    counters.ended({ station: 'stage', model: undefined }, 1, 'duplicate key (email)=(a@b.c)');
    counters.verdict({ model: 'stg_transactions', gate: 'output', suite: id }, 'pass');
    const text = await counters.registry.metrics();
    expect(text).not.toContain(id);
    expect(text).not.toContain('a@b.c');
    expect(text).toContain('weir_station_duration_seconds_count{station="stage",model="other"} 1');
    expect(text).toContain('weir_station_failures_total{station="stage",model="none",type="other"} 1');
  });

  it('have a model more for each model, and after the thousandth none', async () => {
    const counters = createCounters();
    for (let at = 0; at < 1_200; at += 1)
      counters.rows({ station: 'stage', model: `model_${at}` }, 'staged', 1);
    const series = (await counters.registry.getSingleMetricAsString('weir_rows_total')).split('\n');
    expect(series.filter((line) => line.startsWith('weir_rows_total{'))).toHaveLength(1_001);
    expect(series).toContain('weir_rows_total{station="stage",model="other",kind="staged"} 200');
  });
});
