import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { burningBy, isOver, windowsOf, type WindowCount } from '../../../activities/sample/burn.ts';
import { readBrokenSince } from '../../../activities/sample/broken-since.ts';
import { FRESHNESS_BURN } from '../../../activities/sample/objectives.ts';
import { countSamples } from '../../../activities/sample/window-counts.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { minute } from './clockwork.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
}, 60_000);
afterAll(() => database.drop());

type Sample = 'good' | 'bad' | 'none';

const histories = fc
  .array(fc.tuple(fc.constantFrom<Sample>('good', 'bad', 'none'), fc.integer({ min: 1, max: 120 })), {
    minLength: 1,
    maxLength: 10,
  })
  .map((stretches) => stretches.flatMap(([kind, count]) => Array.from({ length: count }, () => kind)));

function counted(samples: readonly Sample[]): readonly WindowCount[] {
  return windowsOf(FRESHNESS_BURN).map((minutes) => {
    const inside = samples.slice(-minutes);
    const count = (kind: Sample) => inside.filter((one) => one === kind).length;
    return { minutes, good: count('good'), bad: count('bad') };
  });
}

it('what Postgres counts of any history decides as the samples themselves do', async () => {
  const { admin, databases } = database;
  await fc.assert(
    fc.asyncProperty(histories, async (samples) => {
      await sql`truncate control.freshness_sample`.execute(admin);
      const kept = samples.flatMap((kind, at) =>
        kind === 'none' ? [] : [{ at: minute(at), good: kind === 'good' }],
      );
      await sql`insert into control.freshness_sample (model, sampled_at, age_seconds, objective_seconds, is_good)
        select 'm', at, 1, 1, good from unnest(${kept.map(({ at }) => at)}::timestamptz[], ${kept.map(({ good }) => good)}::boolean[])
          as given (at, good)`.execute(admin);
      const until = new Date(minute(samples.length - 1));
      const counts =
        (await countSamples(databases.loader, ['m'], windowsOf(FRESHNESS_BURN), until)).get('m') ?? [];
      const pure = counted(samples);
      for (const { minutes, good, bad } of pure)
        expect(counts.find((one) => one.minutes === minutes) ?? { minutes, good: 0, bad: 0 }).toEqual({
          minutes,
          good,
          bad,
        });
      expect(burningBy(FRESHNESS_BURN, counts, 0.99)).toEqual(burningBy(FRESHNESS_BURN, pure, 0.99));
      expect(isOver(FRESHNESS_BURN, counts, 0.99)).toBe(isOver(FRESHNESS_BURN, pure, 0.99));
      const lastGood = samples.lastIndexOf('good');
      const first = samples.findIndex((kind, at) => at > lastGood && kind === 'bad');
      const since = (await readBrokenSince(databases.loader, ['m'], until)).get('m');
      expect(since?.toISOString()).toBe(first === -1 ? undefined : minute(first));
    }),
    { numRuns: 60 },
  );
}, 120_000);
