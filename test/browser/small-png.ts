import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** Pixels of a PNG as Chromium writes it: 8 bits a channel, RGB or RGBA, not interlaced. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Without the filters' bytes. */
  readonly bytes: Uint8Array;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOURS = 256;

/**
 * The same picture in at most 256 colours: a third of the size, for pages of text and boxes.
 *
 * @see https://www.w3.org/TR/png-3/
 */
export function smallPng(png: Uint8Array): Buffer {
  const pixels = decode(Buffer.from(png));
  const { palette, indexOf } = choosePalette(pixels);
  const { width, height, channels, bytes } = pixels;
  const rows = new Uint8Array(height * (width + 1));
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * channels;
      rows[y * (width + 1) + 1 + x] = indexOf(binOf(bytes, at));
    }
  return pngOf({ width, height, colourType: 3 }, [
    ['PLTE', palette],
    ['IDAT', deflateSync(rows, { level: 9 })],
  ]);
}

/** The bytes of a PNG of 8 bits a channel, not interlaced: its header, these chunks, its end. */
export function pngOf(
  size: { readonly width: number; readonly height: number; readonly colourType: number },
  chunks: readonly (readonly [type: string, body: Uint8Array])[],
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size.width, 0);
  header.writeUInt32BE(size.height, 4);
  header.set([8, size.colourType, 0, 0, 0], 8);
  const all = [['IHDR', header] as const, ...chunks, ['IEND', Buffer.alloc(0)] as const];
  return Buffer.concat([SIGNATURE, ...all.map(([type, body]) => chunk(type, body))]);
}

function decode(png: Buffer): Pixels {
  const data: Buffer[] = [];
  let header: Buffer = Buffer.alloc(13);
  for (let at = SIGNATURE.length; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const type = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    if (type === 'IHDR') header = body;
    if (type === 'IDAT') data.push(body);
  }
  const [depth, colour, , , interlace] = header.subarray(8);
  if (depth !== 8 || (colour !== 2 && colour !== 6) || interlace !== 0)
    throw new Error(`a PNG of depth ${depth}, colour type ${colour}: expected 8 bits of RGB or RGBA`);
  const [width, height, channels] = [header.readUInt32BE(0), header.readUInt32BE(4), colour === 2 ? 3 : 4];
  return {
    width,
    height,
    channels,
    bytes: unfilter(inflateSync(Buffer.concat(data)), width * channels, height, channels),
  };
}

function unfilter(raw: Buffer, stride: number, height: number, channels: number): Uint8Array {
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x >= channels ? (out[at - channels] ?? 0) : 0;
      const up = y > 0 ? (out[at - stride] ?? 0) : 0;
      const corner = x >= channels && y > 0 ? (out[at - stride - channels] ?? 0) : 0;
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
      out[at] = (raw[y * (stride + 1) + 1 + x] ?? 0) + predicted;
    }
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [byLeft, byUp, byCorner] = [left, up, corner].map((one) => Math.abs(guess - one));
  if (byLeft === undefined || byUp === undefined || byCorner === undefined) return 0;
  if (byLeft <= byUp && byLeft <= byCorner) return left;
  return byUp <= byCorner ? up : corner;
}

/** Colours that differ in nothing an eye sees, five bits a channel, share a bin. */
function binOf(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) >> 3) * 1024 + ((bytes[at + 1] ?? 0) >> 3) * 32 + ((bytes[at + 2] ?? 0) >> 3);
}

interface Bin {
  count: number;
  red: number;
  green: number;
  blue: number;
}

/** The colours used most; every other becomes the nearest of them. */
function choosePalette({ bytes, channels }: Pixels) {
  const bins = new Map<number, Bin>();
  for (let at = 0; at < bytes.length; at += channels) {
    const bin = bins.get(binOf(bytes, at)) ?? { count: 0, red: 0, green: 0, blue: 0 };
    bin.count += 1;
    bin.red += bytes[at] ?? 0;
    bin.green += bytes[at + 1] ?? 0;
    bin.blue += bytes[at + 2] ?? 0;
    bins.set(binOf(bytes, at), bin);
  }
  const means = new Map(
    [...bins].map(([key, { count, red, green, blue }]) => [
      key,
      [red, green, blue].map((sum) => sum / count),
    ]),
  );
  const kept = [...bins]
    .toSorted(([, one], [, other]) => other.count - one.count)
    .slice(0, COLOURS)
    .map(([key]) => means.get(key) ?? []);
  const nearest = new Map([...means].map(([key, mean]) => [key, nearestOf(kept, mean)]));
  return {
    palette: Buffer.from(kept.flat().map(Math.round)),
    indexOf: (bin: number): number => nearest.get(bin) ?? 0,
  };
}

function nearestOf(colours: readonly (readonly number[])[], wanted: readonly number[]): number {
  const distances = colours.map((colour) =>
    colour.reduce((sum, value, channel) => sum + (value - (wanted[channel] ?? 0)) ** 2, 0),
  );
  return distances.indexOf(Math.min(...distances));
}

function chunk(type: string, body: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const out = Buffer.alloc(named.length + 8);
  out.writeUInt32BE(body.length, 0);
  out.set(named, 4);
  out.writeUInt32BE(crc32(named), named.length + 4);
  return out;
}
