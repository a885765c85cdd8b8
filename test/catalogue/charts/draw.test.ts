import { dot, lineY, text } from '@observablehq/plot';
import { expect, test } from 'vitest';
import { drawPlot } from '../../../catalogue/charts/draw.ts';
import { markupOf } from '../../../catalogue/html.ts';

const points = [
  { x: new Date('2026-11-01T00:00:00Z'), y: 1 / 3 },
  { x: new Date('2026-11-02T00:00:00Z'), y: 2 / 3 },
];

test('a chart is one picture with a name, and no style of its own', () => {
  const markup = markupOf(
    drawPlot({ marks: [lineY(points, { x: 'x', y: 'y' })] }, { label: 'a "line" & <b>' }),
  );
  expect(markup).toMatch(/^<svg [^]*? class="plot"/);
  expect(markup).toMatch(/^<svg role="img" aria-label="a &quot;line&quot; &amp; &lt;b&gt;" /);
  expect(markup.match(/aria-label=/g)).toHaveLength(1);
  expect(markup).not.toMatch(/<style|style=|font-family/);
  expect(markup, 'no more decimals than a pixel has').not.toMatch(/(?:d|x|y|transform)="[^"]*\d\.\d{2}/);
});

test('marks that are links make it a group: within a picture nobody could reach them', () => {
  const markup = markupOf(
    drawPlot({ marks: [dot(points, { x: 'x', y: 'y', href: () => 'a.html?b&c' })] }, { label: 'dots' }),
  );
  expect(markup).toContain('role="group"');
  expect(markup).toContain('href="a.html?b&amp;c"');
});

test('what a mark says is text', () => {
  const markup = markupOf(
    drawPlot({ marks: [text(points, { x: 'x', y: 'y', text: () => '<script>1</script>' })] }, { label: 't' }),
  );
  expect(markup).not.toContain('<script');
});

test('the same chart is the same text, and two charts share no id', () => {
  const clipped = (label: string): string =>
    markupOf(drawPlot({ clip: true, marks: [lineY(points, { x: 'x', y: 'y' })] }, { label }));
  expect(clipped('one')).toBe(clipped('one'));
  const ids = ['one', 'two'].map((label) => /id="([^"]+)"/.exec(clipped(label))?.[1]);
  expect(ids[0]).toBeDefined();
  expect(ids[0]).not.toBe(ids[1]);
  expect(clipped('one')).toContain(`url(#${ids[0]})`);
});

test('an axis of time is UTC and has 24 hours', () => {
  const axis = (from: string, to: string): readonly string[] => {
    const x = { type: 'utc', domain: [new Date(from), new Date(to)] } as const;
    const markup = markupOf(drawPlot({ x, marks: [lineY(points, { x: 'x', y: 'y' })] }, { label: 'time' }));
    return [...markup.matchAll(/<text[^>]*>([^<]*[A-Za-z:][^<]*|20\d\d)</g)].flatMap(([, tick = '']) => tick);
  };
  expect(axis('2026-11-01T00:00:00Z', '2026-11-02T12:00:00Z')).toEqual(
    expect.arrayContaining(['1 Nov', '12:00', '2 Nov']),
  );
  expect(axis('2025-10-01T00:00:00Z', '2026-04-01T00:00:00Z').join()).toMatch(/1 Oct.*1 Dec,2026,1 Feb/);
});

test('times of a few minutes are so few that none runs into the next', () => {
  for (let seconds = 2; seconds < 1800; seconds += 7) {
    const x = { type: 'utc', domain: [new Date(0), new Date(seconds * 1000)] } as const;
    const markup = markupOf(drawPlot({ width: 480, x, marks: [lineY([])] }, { label: 'time' }));
    const ticks = [...markup.matchAll(/<text[^>]*>(\d\d:\d\d(?::\d\d)?)</g)].map(([, tick = '']) => tick);
    // A figure at this size is 6.7 px wide, and 400 are left beside the other axis.
    expect(ticks.join(' ').length * 6.7, `${seconds} s: ${ticks.join(' ')}`).toBeLessThan(400);
  }
});
