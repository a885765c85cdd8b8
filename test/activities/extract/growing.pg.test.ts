import { appendFile, mkdir, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../poll.ts';
import { did, line, openLanding, rows } from './landing.ts';
import type { Landing } from './landing.ts';

let landing: Landing;
beforeEach(async () => {
  landing = await openLanding();
  await mkdir(landing.folder, { recursive: true });
});
afterEach(() => landing.close());

test('a file that is written to while it is read is left as a whole, and lands when it stands still', async () => {
  const path = join(landing.folder, 'growing.jsonl');
  await landing.deliver('growing.jsonl', line('A'));
  const blocker = await landing.admin.startTransaction().execute();
  await sql`lock table bronze.raw_transactions in exclusive mode`.execute(blocker);
  const reading = landing.extract();
  await until(
    async () => {
      const { rows: waiting } = await sql`select from pg_stat_activity
        where datname = current_database() and usename = 'weir_loader' and wait_event_type = 'Lock'`.execute(
        landing.admin,
      );
      return waiting.length > 0;
    },
    { what: 'the extract is in the middle of the file' },
  );
  await appendFile(path, line('B'));
  await blocker.rollback().execute();
  expect(await reading).toEqual(
    did({
      left: [
        {
          file: expect.stringMatching(/^…\.jsonl \(file [0-9a-f]{8}\)$/),
          reason: expect.stringMatching(/being written to/),
        },
      ],
    }),
  );
  expect(await landing.bronze('growing.jsonl')).toEqual([]);
  const time = new Date(Date.UTC(2017, 0, 2));
  await utimes(path, time, time);
  expect(await landing.extract()).toEqual(did({ files: 1, rows: 2 }));
  expect(await landing.seen('growing.jsonl')).toEqual(rows(['A', 'B']));
});

test('a file that was just written lands in the same extract once it is quiet; one that was renamed at once', async () => {
  await writeFile(join(landing.folder, 'new.jsonl'), line('A'));
  await writeFile(join(landing.folder, 'b.tmp'), line('B'));
  await rename(join(landing.folder, 'b.tmp'), join(landing.folder, 'renamed.jsonl'));
  expect(await landing.extract()).toEqual(did({ files: 2, rows: 2 }));
});

test('a symbolic link and a name that is not UTF-8 are named, and not followed', async () => {
  await landing.deliver('real.jsonl', line('A'));
  await symlink(join(landing.folder, 'real.jsonl'), join(landing.folder, 'link.jsonl'));
  await writeFile(
    Buffer.concat([Buffer.from(`${landing.folder}/`), Buffer.from([0x7a, 0xff, 0x2e, 0x6a])]),
    line('Z'),
  );
  expect(await landing.extract()).toEqual(
    did({
      files: 1,
      rows: 1,
      left: [
        {
          file: expect.stringMatching(/^…\.jsonl \(file [0-9a-f]{8}\)$/),
          reason: 'a symbolic link, which may lead out of the folder: deliver the file itself',
        },
        { file: 'z\uFFFD.j', reason: 'its name is not UTF-8: rename it' },
      ],
    }),
  );
});

test('JSON lines: a column that no record has any more, though every one had it before', async () => {
  const many = (more: object): string =>
    Array.from({ length: 20 }, (_, at) => line(`T${at}`, { ...more })).join('');
  await landing.deliver('a.jsonl', many({ payment_method: 'CASH' }));
  await landing.extract();
  await landing.deliver('b.jsonl', many({ payment_kind: 'CASH' }));
  expect(await landing.extract()).toMatchObject({
    rows: 0,
    drift: [
      {
        column: 'payment_method',
        problem: 'no record of b.jsonl has payment_method, which every record of the file before had',
      },
    ],
  });
  await landing.deliver('b.jsonl', many({ payment_method: null }), 1);
  expect(await landing.extract()).toEqual(did({ files: 1, rows: 20 }));
});
