import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takeLines } from '../../../../activities/extract/files/lines.ts';
import { readContent } from '../../../../activities/extract/files/read-content.ts';

const readLines = (path: string, take: () => Promise<void>) =>
  readContent(path, (pieces) => takeLines(pieces, take));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-lines-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a file that is written to while it is read is refused, and says how to deliver one', async () => {
  const path = join(folder, 'growing.jsonl');
  await writeFile(path, '{}\n');
  await expect(readLines(path, () => appendFile(path, '{}\n'))).rejects.toThrow(
    /growing\.jsonl was written to while it was read\. Deliver files as NAME\.tmp and rename them/,
  );
});

test('what goes wrong with the lines is told as it is', async () => {
  const path = join(folder, 'good.jsonl');
  await writeFile(path, '{}\n');
  const problem = new Error('no room');
  await expect(readLines(path, () => Promise.reject(problem))).rejects.toBe(problem);
});
