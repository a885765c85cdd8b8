import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderRefused, intoPlace } from '../../catalogue/build/into-place.ts';

let around: string;
let site: string;
beforeEach(() => {
  around = mkdtempSync(path.join(tmpdir(), 'weir-site-'));
  site = path.join(around, 'site');
});
afterEach(() => rmSync(around, { recursive: true, force: true }));

const write = (text: string) => async (aside: string) => writeFileSync(path.join(aside, 'index.html'), text);
const shown = () => readFileSync(path.join(site, 'index.html'), 'utf8');

test('a site takes the place of the last one, and nothing is left beside it', async () => {
  await intoPlace(site, write('first'));
  writeFileSync(path.join(site, 'of-the-first.html'), '');
  await intoPlace(site, write('second'));
  expect(shown()).toBe('second');
  expect(existsSync(path.join(site, 'of-the-first.html'))).toBe(false);
  expect(readdirSync(around)).toEqual(['site']);
});

test.skipIf(process.platform === 'win32')('a web server of another user may read it', async () => {
  mkdirSync(path.join(around, 'usual'));
  await intoPlace(site, write('first'));
  const modes = [site, path.join(around, 'usual')].map((folder) => statSync(folder).mode);
  expect(modes[0]).toBe(modes[1]);
});

test('what is being written is read by nobody, and what fails changes nothing', async () => {
  await intoPlace(site, write('first'));
  const failing = intoPlace(site, async (aside) => {
    await write('second')(aside);
    expect(shown()).toBe('first');
    throw new Error('a page could not be made');
  });
  await expect(failing).rejects.toThrow('a page could not be made');
  expect(shown()).toBe('first');
  expect(readdirSync(around)).toEqual(['site']);
});

test('a folder of something else stays as it is', async () => {
  mkdirSync(site);
  writeFileSync(path.join(site, 'thesis.txt'), 'years of work');
  await expect(intoPlace(site, write('site'))).rejects.toThrow(FolderRefused);
  await expect(intoPlace(path.join(site, 'thesis.txt'), write('site'))).rejects.toThrow(
    /is a file: name a folder/,
  );
  expect(readFileSync(path.join(site, 'thesis.txt'), 'utf8')).toBe('years of work');
  expect(readdirSync(around)).toEqual(['site']);
});

test('files that came while it was being written are not lost either', async () => {
  const writing = intoPlace(site, async (aside) => {
    await write('site')(aside);
    mkdirSync(site);
    writeFileSync(path.join(site, 'thesis.txt'), 'years of work');
  });
  await expect(writing).rejects.toThrow(/holds something that this command did not make/);
  expect(readdirSync(site)).toEqual(['thesis.txt']);
});

test('an empty folder is taken, and folders above it are made', async () => {
  mkdirSync(site);
  await intoPlace(site, write('in the empty one'));
  expect(shown()).toBe('in the empty one');
  await intoPlace(path.join(around, 'a', 'b', 'site'), write('deep'));
  expect(existsSync(path.join(around, 'a', 'b', 'site', 'index.html'))).toBe(true);
});

test('where the folder is a link, the link stays and what it leads to is exchanged', async () => {
  const link = path.join(around, 'link');
  mkdirSync(site);
  symlinkSync(site, link);
  await intoPlace(link, write('behind the link'));
  expect(shown()).toBe('behind the link');
  expect(readdirSync(around).toSorted()).toEqual(['link', 'site']);
});

test('what a killed build left is taken away, once nobody can be at work on it', async () => {
  const [old, young, other] = ['.site.weir-old', '.site.weir-young', '.other.weir-old'].map((name) => {
    const folder = path.join(around, name);
    mkdirSync(folder);
    return folder;
  });
  const longAgo = Date.now() / 1000 - 7 * 3600;
  for (const folder of [old, other]) utimesSync(folder!, longAgo, longAgo);
  await intoPlace(site, write('site'));
  expect([old, young, other].map((folder) => existsSync(folder!))).toEqual([false, true, true]);
});
