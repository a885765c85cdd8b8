import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { pngOf, smallPng } from './small-png.ts';

const RED = [255, 0, 0];
const BLUE = [0, 0, 255];
const WHITE = [255, 255, 255];
const SCENE = [
  [RED, BLUE, WHITE],
  [RED, RED, BLUE],
  [WHITE, WHITE, RED],
];

/** A PNG of RGB whose lines use one filter. */
function chromiumPng(filter: number): Buffer {
  const lines = SCENE.map((line) => line.flat());
  const at = (y: number, x: number) => lines[y]?.[x] ?? 0;
  const filtered = lines.flatMap((line, y) => [
    filter,
    ...line.map((value, x) => {
      const [left, up, corner] = [at(y, x - 3), at(y - 1, x), at(y - 1, x - 3)];
      const guess = left + up - corner;
      const nearest = [left, up, corner].toSorted(
        (one, other) => Math.abs(guess - one) - Math.abs(guess - other),
      );
      return (value - ([0, left, up, (left + up) >> 1, nearest[0] ?? 0][filter] ?? 0)) & 255;
    }),
  ]);
  return pngOf({ width: 3, height: 3, colourType: 2 }, [['IDAT', deflateSync(Buffer.from(filtered))]]);
}

/** The colours of a PNG with a palette, line by line. */
function coloursOf(png: Buffer): number[][][] {
  const chunk = (type: string): Buffer => {
    const at = png.indexOf(type, 0, 'latin1');
    return png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
  };
  expect([...chunk('IHDR')]).toEqual([0, 0, 0, 3, 0, 0, 0, 3, 8, 3, 0, 0, 0]);
  const [palette, rows] = [chunk('PLTE'), inflateSync(chunk('IDAT'))];
  return [0, 1, 2].map((y) =>
    [0, 1, 2].map((x) => {
      const index = rows[y * 4 + 1 + x] ?? 0;
      return [...palette.subarray(index * 3, index * 3 + 3)];
    }),
  );
}

describe('a picture of few colours', () => {
  it.each([0, 1, 2, 3, 4])('shows what the picture showed, whose lines had filter %i', (filter) => {
    expect(coloursOf(smallPng(chromiumPng(filter)))).toEqual(SCENE);
  });

  it('is made of what Chromium writes, and of nothing else', () => {
    expect(() => smallPng(pngOf({ width: 1, height: 1, colourType: 0 }, []))).toThrow(
      'expected 8 bits of RGB',
    );
  });
});
