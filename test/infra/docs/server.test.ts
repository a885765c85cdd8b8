import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../../infra/docs/markdown.ts';
import { startDocs, type Docs } from '../../../infra/docs/server.ts';

let root: string;
let docs: Docs;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'weir-docs-'));
  for (const folder of ['docs/runbooks', 'docs/images', 'expectations/suites', 'models/gold', 'cli'])
    mkdirSync(path.join(root, folder), { recursive: true });
  const write = (file: string, content: string) => writeFileSync(path.join(root, file), content);
  write('docs/runbooks/gate-held.md', '# A gate is held\n\n## What to press\n[other](other.md)\n');
  write('docs/images/a.png', 'a picture');
  write('docs/secret.env', 'TOKEN=1');
  write('expectations/suites/stores.json', '{"name": "<stores>"}');
  write('models/gold/fct.sql', 'select 1');
  write('models/plan.ts', 'code');
  write('cli/weir.md', 'elsewhere');
  write('secret.md', 'the secret');
  symlinkSync(path.join(root, 'secret.md'), path.join(root, 'docs', 'link.md'));
  docs = await startDocs({ root });
});
afterAll(async () => {
  await docs.stop();
  rmSync(root, { recursive: true });
});

/** Asks for a path as it is written: `fetch` would resolve `..` before it asks. */
function get(
  asked: string,
  method = 'GET',
): Promise<{
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly policy: string;
}> {
  const { hostname, port } = new URL(docs.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: asked, method, agent: false }, (response) => {
      const { statusCode: status = 0, headers } = response;
      const type = headers['content-type'] ?? '';
      const policy = String(headers['content-security-policy']);
      text(response).then((body) => resolve({ status, type, body, policy }), reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the docs server', () => {
  it('shows Markdown as a page whose headings have the anchors of GitHub', async () => {
    const page = await get('/docs/runbooks/gate-held.md?a=b#what-to-press');
    expect(page).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
    expect(page.body).toContain('<title>A gate is held</title>');
    expect(page.body).toContain('id="what-to-press"');
    expect(page.body).toContain('href="other.md"');
    expect(page.policy).toContain("default-src 'none'");
  });

  it('shows suites, models and pictures, and lists the runbooks', async () => {
    expect((await get('/expectations/suites/stores.json')).body).toContain('&lt;stores&gt;');
    expect((await get('/models/gold/fct.sql')).body).toContain('select 1');
    expect(await get('/docs/images/a.png')).toMatchObject({ type: 'image/png', body: 'a picture' });
    expect((await get('/')).body).toContain('href="/docs/runbooks/gate-held.md"');
  });

  it.each([
    '/secret.md',
    '/docs/../secret.md',
    '/docs/%2e%2e/secret.md',
    '/docs/..%2fsecret.md',
    '/docs/runbooks/../../secret.md',
    '/docs\\..\\secret.md',
    '/docs/link.md',
    '/docs/secret.env',
    '/models/plan.ts',
    '/cli/weir.md',
    '/docs',
    '/docs/runbooks/gone.md',
    '/docs/%00.md',
    '/%',
    '//etc/passwd',
  ])('shows nothing of %s', async (asked) => {
    const page = await get(asked);
    expect(page.status).toBe(404);
    expect(page.body).not.toMatch(/the secret|TOKEN|elsewhere|root:/);
  });

  it('is only to read', async () => {
    expect((await get('/docs/runbooks/gate-held.md', 'POST')).status).toBe(405);
  });
});

it.each([
  ['## What to press', 'what-to-press'],
  ['### `WatermarkForeign`', 'watermarkforeign'],
  ['## The page says "goes on"', 'the-page-says-goes-on'],
  ['## Weir_Gate: a & b', 'weir_gate-a--b'],
  ['## [Linked](x.md) heading', 'linked-heading'],
  ['## Größe, 100 %', 'größe-100-'],
])('%s has the anchor that GitHub gives it', (heading, anchor) => {
  expect(renderMarkdown(`${heading}\n\n${heading}\n`).anchors).toEqual([anchor, `${anchor}-1`]);
});

it('an id that a page gives itself is an anchor too', () => {
  expect(renderMarkdown('<a id="here"></a>\n\ntext\n').anchors).toContain('here');
});
