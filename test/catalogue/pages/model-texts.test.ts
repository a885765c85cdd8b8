import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markupOf } from '../../../catalogue/html.ts';
import { gateStrip } from '../../../catalogue/pages/models/gate-strip.ts';
import { headerText, settingText } from '../../../catalogue/pages/models/secrets.ts';
import { sqlText } from '../../../catalogue/pages/models/sql-words.ts';

function textOf(markup: string): string {
  return markup
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

test('SQL is marked by what Postgres reads in it, and stays what it is', () => {
  const sql = `select "größe" as a, 'naïve <b>' as "t" -- Größe…\nfrom gold.x where n > 1.5 /* & so on */`;
  const markup = markupOf(sqlText(sql));
  expect(textOf(markup)).toBe(sql);
  expect(markup).toContain('<span class="sql-word">select</span>');
  expect(markup).toContain('<span class="sql-comment">-- Größe…</span>');
  expect(markup).toContain('<span class="sql-value">1.5</span>');
  expect(markup).toContain('<span class="sql-value">&#39;naïve &lt;b&gt;&#39;</span>');
});

test('no text is lost or becomes markup, SQL or not', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          'select ',
          "'é",
          '"',
          '--',
          '\n',
          '/*',
          '*/',
          '$$',
          '<b>',
          '&amp;',
          '1.5e3',
          '日本',
          '\u{1f600}',
        ),
      ),
      (parts) => {
        expect(textOf(markupOf(sqlText(parts.join(''))))).toBe(parts.join(''));
      },
    ),
  );
});

test('settings are shown without what could be a secret', () => {
  expect(settingText('folder', 'transactions')).toBe('transactions');
  expect(settingText('key', ['customer_id', 'store_id'])).toBe('customer_id, store_id');
  expect(settingText('password', 'hunter2')).toBe('(not shown)');
  expect(settingText('api_key', 'hunter2')).toBe('(not shown)');
  expect(settingText('options', { token: 'hunter2', depth: 3 })).toBe('{"token":"(not shown)","depth":3}');
  expect(settingText('url', 'postgres://anna:hunter2@host/db')).toBe('postgres://…@host/db');
  expect(settingText('owner', 'anna.schmidt@example.com')).toBe('[e-mail]');
  expect(settingText('lookback', 3)).toBe('3');
});

test('a header is shown without what could be a secret, and otherwise as it is', () => {
  const header =
    'kind: source\nsettings:\n  password: hunter2\n  url: https://anna:hunter2@host/x\n  key: [customer_id]\ncolumns:\n  token: {type: text}';
  expect(headerText(header)).toBe(
    'kind: source\nsettings:\n  password: (not shown)\n  url: https://…@host/x\n  key: [customer_id]\ncolumns:\n  token: {type: text}',
  );
  expect(headerText('settings: {api_key: hunter2, folder: x}')).toBe(
    'settings: {api_key: (not shown), folder: x}',
  );
});

test('a strip has a cell a day, and says in words on which days a gate failed', () => {
  const day = { evaluations: 24, blocked: 0, verdictId: 'v' };
  const days = [
    { ...day, day: '2026-11-20', worst: 'pass' as const },
    { ...day, day: '2026-11-21', worst: 'fail' as const, blocked: 1 },
  ];
  const markup = markupOf(gateStrip(days, new Date('2026-11-22T01:00:00Z'), 'input gate by day'));
  expect(markup.match(/<rect/g)).toHaveLength(42);
  expect(markup.match(/class="nothing"/g)).toHaveLength(40);
  expect(markup).toContain('aria-label="input gate by day: asked on 2 days, failed on 2026-11-21"');
  expect(markup).toContain('<title>2026-11-21: 24 verdicts, 1 held back, loudest fail</title>');
  expect(markup).toContain('<title>2026-11-22: not asked</title>');
});
