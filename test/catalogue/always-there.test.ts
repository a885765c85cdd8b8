import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { intoPlace } from '../../catalogue/build/into-place.ts';

let around: string;
let site: string;
beforeEach(() => {
  around = mkdtempSync(path.join(tmpdir(), 'weir-always-'));
  site = path.join(around, 'sites', 'site');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(around, { recursive: true, force: true });
});

const names = ['index.html', 'a.html', 'b.html'];
const BYTES = 50_000;

/** A site each of whose files is one letter again and again. */
const written = (letter: string) => async (aside: string) => {
  for (const name of names) writeFileSync(path.join(aside, name), letter.repeat(BYTES));
};
const shown = () => readFileSync(path.join(site, 'index.html'), 'utf8').charAt(0);

/**
 * Puts an `mv` as coreutils has it since 9.5 before that of the machine.
 *
 * @returns how often it has exchanged; null where the disk cannot.
 * @see https://man7.org/linux/man-pages/man2/rename.2.html
 */
function newerMv(): (() => number) | null {
  const bin = path.join(around, 'bin');
  mkdirSync(bin);
  const mv = `#!/usr/bin/perl
die unless grep { $_ eq '--exchange' } @ARGV;
my ($from, $to) = @ARGV[-2, -1];
chomp(my $machine = \`uname -m\`);
my $call = { x86_64 => 316, aarch64 => 276 }->{$machine};
exit 1 if syscall($call, -100, $from, -100, $to, 2) != 0;
open(my $log, '>>', "$0.log");
print $log "exchanged\\n";
`;
  writeFileSync(path.join(bin, 'mv'), mv);
  chmodSync(path.join(bin, 'mv'), 0o755);
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
  const tried = ['one', 'two'].map((name) => path.join(bin, name));
  for (const folder of tried) mkdirSync(folder);
  if (spawnSync('mv', ['--exchange', ...tried]).status !== 0) return null;
  return () => readFileSync(path.join(bin, 'mv.log'), 'utf8').split('\n').length - 2;
}

/** Reads all the time, in a process of its own, until it is told to stop. */
const reader = `
  const { readFileSync } = require('node:fs');
  const told = { reads: 0, gone: 0, half: 0 };
  const read = (name) => {
    told.reads += 1;
    try {
      const text = readFileSync(process.argv[1] + '/' + name, 'utf8');
      if (text !== text.charAt(0).repeat(${BYTES})) told.half += 1;
    } catch { told.gone += 1; }
  };
  const turn = () => { for (const name of ${JSON.stringify(names)}) read(name); next = setImmediate(turn); };
  let next = setImmediate(turn);
  process.stdin.resume().on('end', () => { clearImmediate(next); console.log(JSON.stringify(told)); });
  console.log('reading');
`;

async function readWhile(work: () => Promise<void>): Promise<Readonly<Record<string, number>>> {
  const child = spawn(process.execPath, ['-e', reader, site], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = child.stdout.setEncoding('utf8');
  try {
    await once(lines, 'data');
    await work();
    const told = once(lines, 'data');
    child.stdin.end();
    return JSON.parse(String((await told)[0]));
  } finally {
    child.kill('SIGKILL');
  }
}

const BUILDS = 40;

async function buildOften(): Promise<void> {
  for (let turn = 0; turn < BUILDS; turn += 1) await intoPlace(site, written(turn % 2 === 0 ? 'b' : 'a'));
}

describe('who reads while sites are built', () => {
  test('never reads half of a file', async () => {
    await intoPlace(site, written('a'));
    expect(await readWhile(buildOften)).toMatchObject({ half: 0, reads: expect.toSatisfy((n) => n > 100) });
  });

  test.skipIf(process.platform !== 'linux')(
    'finds every file every time where mv can exchange',
    async ({ skip }) => {
      const exchanges = newerMv();
      if (exchanges === null) return skip('no two folders of this disk can be exchanged in one step');
      await intoPlace(site, written('a'));
      expect(await readWhile(buildOften)).toEqual({
        half: 0,
        gone: 0,
        reads: expect.toSatisfy((n) => n > 100),
      });
      expect(exchanges()).toBe(BUILDS);
      expect(shown()).toBe('a');
      expect(readdirSync(path.dirname(site))).toEqual(['site']);
    },
  );
});

test('a build that is killed leaves the last site, and the next one is built', async () => {
  await intoPlace(site, written('a'));
  const code = `
    import { writeFileSync } from 'node:fs';
    import { intoPlace } from ${JSON.stringify(path.resolve('catalogue/build/into-place.ts'))};
    await intoPlace(process.argv[1], async (aside) => {
      writeFileSync(aside + '/index.html', 'b');
      console.log('half of it is written');
      await new Promise(() => setInterval(() => undefined, 1000));
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, site], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(shown()).toBe('a');
  expect(readdirSync(path.dirname(site))).toHaveLength(2);
  await intoPlace(site, written('c'));
  expect(shown()).toBe('c');
});

test('where one was killed between the two renames, the last site is back before the next is made', async () => {
  await intoPlace(site, written('a'));
  const killed = path.join(path.dirname(site), '.site.weir-0');
  mkdirSync(killed);
  renameSync(site, `${killed}-last`);
  await intoPlace(site, async (aside) => {
    expect(shown()).toBe('a');
    await written('b')(aside);
  });
  expect(shown()).toBe('b');
});

test('what was taken out of its place by a build that went on does not come back', async () => {
  await intoPlace(site, written('a'));
  const killed = path.join(path.dirname(site), '.site.weir-0-last');
  mkdirSync(killed);
  await intoPlace(site, async () => {
    expect(shown()).toBe('a');
    throw new Error('a page could not be made');
  }).catch(() => undefined);
  expect(shown()).toBe('a');
});
