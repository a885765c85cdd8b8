import { describe, expect, it } from 'vitest';
import { readSample, splitHours } from '../../../infra/demo/hours.ts';
import {
  badHourName,
  malformedHourName,
  malformedLines,
  plotStory,
  redelivery,
  spoiledHour,
} from '../../../infra/demo/plot.ts';
import { malformHour, spoilHour } from '../../../infra/demo/trouble.ts';

const scenes = plotStory(splitHours(await readSample()));
const scene = (name: string) => scenes.find(({ hour }) => hour.name === name)!;
const transactions = (name: string) =>
  scene(name).deliveries.find(({ file }) => file === `transactions/${name}.jsonl`)?.lines ?? [];

/** Lines of `lines` that are not among `others`, as often as they are not. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

describe('the plot', () => {
  it('has one hour of malformed lines, one bad hour, two hours during the hold and some afterwards', () => {
    const count = (role: string) => scenes.filter((one) => one.role === role).length;
    expect([
      count('ordinary'),
      count('malformed'),
      count('bad'),
      count('duringHold'),
      count('afterwards'),
    ]).toEqual([38, 1, 1, 2, 6]);
  });

  it('delivers every other hour as the sample has it', () => {
    for (const { hour, role, deliveries } of scenes) {
      if (role === 'bad' || role === 'malformed' || hour.baskets.length === 0) continue;
      expect(deliveries[0]).toEqual({ file: `transactions/${hour.name}.jsonl`, lines: hour.baskets });
    }
  });

  it('delivers the movements of the bad hour as they are', () => {
    const bad = scene(badHourName);
    expect(bad.deliveries[1]?.lines.join()).not.toContain('STORE_99999');
    expect(redelivery(bad)).toEqual({ file: `transactions/${badHourName}.jsonl`, lines: bad.hour.baskets });
  });
});

describe('the hour with malformed lines', () => {
  it('has all of its baskets, one line that is not JSON and one that is no record', () => {
    const lines = transactions(malformedHourName);
    const added = without(lines, scene(malformedHourName).hour.baskets);
    expect(lines).toHaveLength(scene(malformedHourName).hour.baskets.length + 2);
    expect(() => void JSON.parse(added[0]!)).toThrow(SyntaxError);
    expect(JSON.parse(added[1]!)).not.toHaveProperty('transaction_id');
  });

  it('says where they stand', () => {
    const lines = transactions(malformedHourName);
    const malformed = malformedLines(scene(malformedHourName));
    expect(malformed.map(({ line }) => lines[line - 1])).toEqual(malformed.map(({ text }) => text));
    expect(malformed.map(({ line }) => line)).toEqual([2, 18]);
  });

  it('needs a basket', () => {
    expect(() => malformHour([])).toThrow('needs 1: choose a fuller hour');
  });
});

describe('the bad hour', () => {
  const { baskets } = scene(badHourName).hour;
  const changed = without(transactions(badHourName), baskets).map(
    (line) => JSON.parse(line) as Record<string, unknown>,
  );
  const original = baskets.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('has records only, one more than the sample, and four of them wrong in one way each', () => {
    expect(transactions(badHourName)).toHaveLength(baskets.length + 1);
    expect(changed).toEqual([
      { ...original[0], total_amount: '1.00' },
      { ...original[1], store_id: null },
      { ...original[2], store_id: 'STORE_99999' },
      { ...original[3], total_amount: '250000.00' },
    ]);
  });

  it('says which expectations that breaks, and how often', () => {
    expect(
      spoiledHour(scene(badHourName)).broken.map(({ expectation, column, rows }) => [
        expectation,
        column,
        rows,
      ]),
    ).toEqual([
      ['expect_column_values_to_be_unique', 'transaction_id', 2],
      ['expect_column_values_to_not_be_null', 'store_id', 1],
      ['expect_column_values_to_be_in_set', 'store_id', 1],
      ['expect_column_values_to_be_between', 'total_amount', 1],
    ]);
  });

  it('makes two different records even of a basket that costs 1.00', () => {
    const cheap = [original[0], ...original.slice(1)].map((one) =>
      JSON.stringify({ ...one, total_amount: '1.00' }),
    );
    const [first, second] = spoilHour(cheap).lines;
    expect(first).not.toBe(second);
  });

  it('needs four baskets', () => {
    expect(() => spoilHour(baskets.slice(0, 3))).toThrow('the hour has 3 baskets, and this trouble needs 4');
  });
});
