import { expect, test } from 'vitest';
import { freshDatabase } from '../setup/database.ts';
import { say } from './say.ts';

const verbs = [
  'plan',
  'test',
  'run hourly --select stg_transactions',
  'run --schema try_me',
  'quarantine list',
  'quarantine release b1 --reason x',
  'watermark show',
  'watermark adopt --all --reason x',
  'reconcile raw_stores',
  'migrate',
];

test.each(verbs)('weir %s says that no database answers, and no password', async (words) => {
  const { code, err } = await say(words.split(' '), {
    DATABASE_URL: 'postgres://admin:s3cr3t@localhost:1/weir',
  });
  expect(err).toMatch(
    /nothing answers at \S+:1 \(ECONNREFUSED\): is the database running, and does DATABASE_URL/,
  );
  expect(err).not.toContain('s3cr3t');
  expect(code).toBe(3);
});

test.each(['nonsense', 'mysql://x:s3cr3t@localhost/weir', 'postgres://x:s3cr3t%@localhost/weir'])(
  'DATABASE_URL %s is none of a Postgres',
  async (url) => {
    const { code, err } = await say(['watermark', 'show'], { DATABASE_URL: url });
    expect(err).toContain('write it as postgres://user:password@host:port/database');
    expect(err).not.toContain('s3cr3t');
    expect(code).toBe(3);
  },
);

test('a database that is not there, is not migrated, or does not know the login', async () => {
  const database = await freshDatabase({ migrated: false });
  const url = new URL(database.adminUrl);
  const settings = (change: (to: URL) => void) => {
    const to = new URL(url);
    change(to);
    return { DATABASE_URL: to.href };
  };
  const [bare, absent, stranger] = await Promise.all([
    say(
      ['watermark', 'show'],
      settings(() => undefined),
    ),
    say(
      ['watermark', 'show'],
      settings((to) => (to.pathname = '/nowhere')),
    ),
    say(
      ['watermark', 'show'],
      settings((to) => (to.password = 's3cr3t')),
    ),
  ]);
  await database.drop();
  expect(bare).toMatchObject({ code: 3, err: expect.stringContaining('`weir migrate` makes it so') });
  expect(absent).toMatchObject({ code: 3, err: expect.stringContaining('DATABASE_URL names it') });
  expect(stranger).toMatchObject({ code: 3, err: expect.stringContaining('SQLSTATE 28P01') });
  expect(stranger.err).not.toContain('s3cr3t');
});

test('what looks at held gates needs neither a landing folder nor a key that pages', async () => {
  const { code, err } = await say(['gate', 'list'], {
    DATABASE_URL: 'postgres://admin:s3cr3t@localhost:1/weir',
    TEMPORAL_ADDRESS: 'localhost:1',
    WEIR_LANDING_FOLDER: undefined,
    PAGERDUTY_ROUTING_KEY: undefined,
  });
  expect(err).toMatch(/Temporal does not answer at localhost:1 .*TEMPORAL_ADDRESS/);
  expect(code).toBe(3);
});
