import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { packRows } from '../../../catalogue/charts/pack-rows.ts';
import { timeLineChart, timeLineLegend, type TimeLineBar } from '../../../catalogue/charts/time-line.ts';
import { markupOf, type Html } from '../../../catalogue/html.ts';

const MINUTE = 60_000;
const START = Date.parse('2017-01-02T08:00:00Z');
const at = (minutes: number) => new Date(START + minutes * MINUTE);

function bar(from: number, to: number, changes: Partial<TimeLineBar> = {}): TimeLineBar {
  const name = `run of ${from}`;
  return {
    ...{ lane: 'hourly', state: 'published', began: at(from), ended: at(to), title: name },
    ...{ href: `http://ui/${from}?a=1&b=2`, holds: [], ...changes },
  };
}

function drawn(drawing: Html) {
  return parseHTML(`<html><body>${markupOf(drawing)}</body></html>`).document;
}

describe('rows of bars', () => {
  it('have what overlaps below each other, and what follows beside each other', () => {
    const items = [bar(0, 100), bar(10, 20), bar(20, 30), bar(25, 40), bar(120, 121)];
    expect(packRows(items, 0, 5).map(({ row }) => row)).toEqual([0, 1, 1, 2, 0]);
  });

  it('are no more than there is room for', () => {
    const items = Array.from({ length: 9 }, (_, index) => bar(index, 100));
    expect(Math.max(...packRows(items, 0, 3).map(({ row }) => row))).toBe(2);
  });

  it('have no bar too narrow to be seen, which moves no other into another row', () => {
    const placed = packRows([bar(0, 0), bar(1, 1)], 10 * MINUTE, 5);
    expect(placed.map(({ row, until }) => [row, until - START])).toEqual([
      [0, 10 * MINUTE],
      [0, 11 * MINUTE],
    ]);
  });
});

describe('the time line', () => {
  const line = {
    from: at(0),
    to: at(60),
    bars: [
      bar(0, 10),
      bar(20, 21, { state: 'failed', title: 'run <of> "20"' }),
      bar(30, 60, { state: 'held', href: null }),
      bar(5, 40, {
        lane: 'daily',
        holds: [{ since: at(10), until: at(30), title: 'was held for 20 min', href: 'gates/v.html' }],
      }),
    ],
  };

  it('has a bar a run that leads to it and says what came of it, and the part in which it was held', () => {
    const svg = drawn(timeLineChart(line, 900));
    const links = [...svg.querySelectorAll('a')].map((one) => [
      one.getAttribute('href'),
      one.querySelector('title')?.textContent,
    ]);
    expect(links).toEqual([
      ['http://ui/0?a=1&b=2', 'run of 0'],
      ['http://ui/20?a=1&b=2', 'run <of> "20"'],
      ['http://ui/5?a=1&b=2', 'run of 5'],
      ['gates/v.html', 'was held for 20 min'],
    ]);
    expect([...svg.querySelectorAll('rect')]).toHaveLength(5);
    expect(svg.querySelector('svg')?.textContent).toContain('hourly');
  });

  it('tells failed and held by a sign too, and stops the Tab key at no bar', () => {
    const markup = markupOf(timeLineChart(line, 900));
    expect(markup).toContain('✕');
    expect(markup).toContain('❙❙');
    expect(markup.match(/<a /g)).toHaveLength(4);
    expect(markup.match(/<a tabindex="-1" /g)).toHaveLength(4);
  });

  it('of a day of minutes weighs no more than a picture', () => {
    const bars = Array.from({ length: 97 }, (_, index) => bar(index * 15, index * 15 + 1));
    const markup = markupOf(timeLineChart({ from: at(0), to: at(1440), bars }, 1080));
    expect(markup.length).toBeLessThan(30_000);
  });

  it('has a legend of what is there and nothing else', () => {
    const words = drawn(timeLineLegend(['published', 'failed'], true)).body.textContent ?? '';
    expect(words.replaceAll(/\s+/g, ' ')).toContain('published');
    expect(words).toContain('held for a while');
    expect(words).not.toContain('running');
  });
});
