import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CatalogueSource } from '../../catalogue/read-site.ts';
import { serveCatalogue } from '../../catalogue/serve.ts';
import type { Served, ServeOptions } from '../../catalogue/serve.ts';
import { html } from '../../catalogue/html.ts';
import type { PageKind } from '../../catalogue/site.ts';
import { folders } from '../activities/shop.ts';
import { ownPostgres, freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { until } from '../poll.ts';
import { mistakesIn } from './mistakes-in.ts';
import { sampleKinds } from './sample-page.ts';

const links = { temporalUi: null, namespace: 'default', repositoryUrl: null };

let database: FreshDatabase;
let asked: number;

/** A page that counts how often it was made, and one that cannot be. */
const counted: PageKind = {
  folder: '',
  name: 'Today',
  ids: async () => ['index'],
  page: async (site, id) => {
    if (id === 'broken') throw new Error('a message with a card: 4111 1111 1111 1111');
    asked += 1;
    return id === 'index'
      ? { title: `page ${asked}`, lead: null, body: html`<p>${site.environment}</p>` }
      : null;
  },
};
const kinds = [counted, ...sampleKinds.filter(({ folder }) => folder !== '')];

function sourceOf({ databases: { loader } }: FreshDatabase): CatalogueSource {
  return { database: loader, folders, environment: 'demo', links };
}

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(async () => {
  await database.drop();
});

async function serving(
  work: (served: Served) => Promise<void>,
  more: Partial<ServeOptions> = {},
): Promise<void> {
  asked = 0;
  const served = await serveCatalogue({ source: sourceOf(database), port: 0, kinds, ...more });
  try {
    await work(served);
  } finally {
    await served.close();
  }
}

test('a page is made when it is asked for, once for all who ask at once, and sent once', () =>
  serving(
    async ({ url }) => {
      const [first, ...others] = await Promise.all(Array.from({ length: 10 }, () => fetch(`${url}/`)));
      expect(first?.status).toBe(200);
      expect(await first?.text()).toContain('<h1>page 1</h1>');
      expect(await others[0]?.text()).toContain('<h1>page 1</h1>');
      expect(asked).toBe(1);
      const tag = first?.headers.get('etag') ?? '';
      expect((await fetch(`${url}/`, { headers: { 'If-None-Match': tag } })).status).toBe(304);
      expect((await fetch(`${url}/`, { headers: { 'If-None-Match': '"another"' } })).status).toBe(200);
    },
    { keepMs: 600_000 },
  ));

test('what was made before is made again once its time is over', () =>
  serving(
    async ({ url }) => {
      for (const page of ['page 1', 'page 2'])
        expect(await (await fetch(`${url}/`)).text()).toContain(`<h1>${page}</h1>`);
    },
    { keepMs: 0 },
  ));

test('every answer lets a page run and load nothing but its own style and script', () =>
  serving(async ({ url }) => {
    for (const path of ['/', '/style.css', '/site.js', '/nothing', '/broken.html']) {
      const { headers } = await fetch(`${url}${path}`);
      const policy = headers.get('content-security-policy');
      expect(policy).toContain(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:",
      );
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-cache');
    }
  }));

test('it is packed for a slow line, and HEAD is a page without its body', () =>
  serving(async ({ url }) => {
    const packed = await rawly(`${url}/models/dim_stores.html`, { 'accept-encoding': 'gzip, br' });
    const plain = await rawly(`${url}/models/dim_stores.html`, {});
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(packed.body).toString()).toBe(plain.body.toString());
    expect(packed.body.length).toBeLessThan(plain.body.length / 2);
    const head = await rawly(`${url}/models/dim_stores.html`, {}, 'HEAD');
    expect([head.body.length, head.headers['content-length']]).toEqual([0, String(plain.body.length)]);
  }));

test('nothing but reading is answered', () =>
  serving(async ({ url }) => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await fetch(`${url}/`, { method });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
    expect(asked).toBe(0);
  }));

test('a name that it was not told gets nothing but the reason: a web site may let its own lead here', () =>
  serving(
    async ({ url }) => {
      for (const path of ['/', '/models/dim_stores.html', '/style.css', '/nothing']) {
        const { status, body, headers } = await rawly(`${url}${path}`, { host: 'evil.example:8236' });
        expect([status, headers['content-type']]).toEqual([421, 'text/plain; charset=utf-8']);
        expect(body.toString()).toMatch(
          /^This is the catalogue of Weir, and it was asked for as evil\.example\./,
        );
        expect(body.toString()).not.toContain('demo');
      }
      expect(asked).toBe(0);
      for (const host of [new URL(url).host, 'localhost:1', 'weir.example.com'])
        expect((await rawly(`${url}/`, { host })).status).toBe(200);
    },
    { names: ['weir.example.com'] },
  ));

test.each([
  ['/models/no_such_model.html', '../'],
  ['/nothing', ''],
  ['/deep/er/est.html', '../../'],
  ['/models/..%2f..%2fpackage.html', '../'],
])('%s is not there, and its page leads back', (path, up) =>
  serving(async ({ url }) => {
    const answer = await fetch(`${url}${path}`);
    const text = await answer.text();
    expect(answer.status).toBe(404);
    expect(text).toContain('There is no such page');
    expect(text).toContain(`href="${up}index.html"`);
    expect(text).toContain(`href="${up}style.css"`);
    expect(await mistakesIn(text)).toEqual([]);
  }),
);

test('what is no path is no page, and the server goes on', () =>
  serving(async ({ url }) => {
    for (const path of ['*', 'http://elsewhere', '/'.repeat(2000)])
      expect((await rawly(url, {}, 'GET', path)).status).toBe(404);
    expect((await fetch(`${url}/`)).status).toBe(200);
  }));

test('a page that takes long is made once for all who ask meanwhile', async () => {
  let made = 0;
  const { promise: slow, resolve: finish } = Promise.withResolvers<void>();
  const waiting: PageKind = {
    ...counted,
    page: async () => {
      made += 1;
      await slow;
      return { title: 'slow', lead: null, body: html`<p></p>` };
    },
  };
  await serving(
    async ({ url }) => {
      const first = fetch(`${url}/`);
      await until(() => made > 0, { what: 'the page is being made', timeoutMs: 30_000 });
      // Asked after another page, so that it has been asked before the first one is done.
      const second = fetch(`${url}/`);
      await fetch(`${url}/models/dim_stores.html`);
      finish();
      expect([(await first).status, (await second).status]).toEqual([200, 200]);
      expect(made).toBe(1);
    },
    { keepMs: 0, kinds: [waiting, ...kinds.slice(1)] },
  );
});

test('a folder without its slash leads to the one with it, where links within it are right', () =>
  serving(async ({ url }) => {
    const answer = await fetch(`${url}/models`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([301, '/models/']);
    expect((await fetch(`${url}/models`)).status).toBe(200);
  }));

test('a page that could not be made says so without what the error said, and is not kept', async () => {
  const heard: unknown[] = [];
  const onFault = (path: string, error: unknown) => heard.push([path, error]);
  await serving(
    async ({ url }) => {
      const answer = await fetch(`${url}/broken.html`);
      const text = await answer.text();
      expect(answer.status).toBe(500);
      expect(text).toContain('This page could not be made');
      expect(text).not.toContain('4111');
      expect(await mistakesIn(text)).toEqual([]);
      expect(heard).toMatchObject([['/broken.html', { message: expect.stringContaining('a card') }]]);
      expect((await fetch(`${url}/`)).status).toBe(200);
    },
    { onFault },
  );
});

test('while the database is away a page says that, and asks to be tried again', async () => {
  const cluster = await ownPostgres();
  const own = await freshDatabase({ clusterUrl: cluster.adminUrl });
  try {
    await serving(
      async ({ url }) => {
        expect((await fetch(`${url}/`)).status).toBe(200);
        await cluster.stop();
        // What was made a moment ago is still good.
        const answer = await fetch(`${url}/index.html`);
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10']);
        const text = await answer.text();
        expect(text).toMatch(/The database (does not answer|takes no connections)/);
        expect(text).toContain('data-retry="10"');
        expect(await mistakesIn(text)).toEqual([]);
      },
      { source: sourceOf(own) },
    );
  } finally {
    await own.drop().catch(() => undefined);
    await cluster.stop();
  }
});

test('a login without its rights is told what makes them', async () => {
  const notMigrated = await freshDatabase({ migrated: false });
  const reading: PageKind = {
    ...counted,
    page: async ({ database }) => {
      await database.selectFrom('control.load').select('load_id').execute();
      return null;
    },
  };
  await serving(
    async ({ url }) => {
      const answer = await fetch(`${url}/`);
      expect([answer.status, await answer.text()]).toEqual([
        500,
        expect.stringContaining('Run `weir migrate`'),
      ]);
    },
    { source: { ...sourceOf(database), database: notMigrated.admin }, kinds: [reading] },
  );
  await notMigrated.drop();
});

/** As it comes over the line: `fetch` unpacks. */
function rawly(url: string, headers: Record<string, string>, method = 'GET', path?: string) {
  interface Raw {
    readonly status: number | undefined;
    readonly body: Buffer;
    readonly headers: Record<string, unknown>;
  }
  return new Promise<Raw>((resolve, reject) => {
    request(url, { method, headers, ...(path === undefined ? {} : { path }) }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () =>
        resolve({ status: answer.statusCode, body: Buffer.concat(parts), headers: answer.headers }),
      );
    })
      .on('error', reject)
      .end();
  });
}
