import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { brokenLinks, crawl } from './crawl.ts';

test('a link to a page, a place or a file that is not there is found', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weir-crawl-'));
  mkdirSync(path.join(folder, 'models'));
  const front = [
    ...['models/a%20b.html', 'models/a%20b.html#here', '#top', 'style.css', 'https://example.com/x'],
    ...['models/none.html', 'models/a%20b.html#gone', '#gone', 'other.css', 'models/'],
  ];
  const links = front.map((address) => `<a href="${address}">x</a>`).join('');
  writeFileSync(path.join(folder, 'index.html'), `<html><body id="top">${links}</body></html>`);
  writeFileSync(
    path.join(folder, 'models', 'a b.html'),
    '<html><body><p id="here"><svg><a href="../index.html#top">x</a><a href="gone.html">x</a></svg></p></body></html>',
  );
  expect(brokenLinks(crawl(folder), ['style.css'])).toEqual([
    'index.html → models/none.html',
    'index.html → models/a%20b.html#gone',
    'index.html → #gone',
    'index.html → other.css',
    'index.html → models/',
    'models/a b.html → gone.html',
  ]);
  rmSync(folder, { recursive: true });
});
