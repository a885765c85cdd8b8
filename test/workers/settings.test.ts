import { expect, test } from 'vitest';
import { readSourceUrls } from '../../workers/settings.ts';

test('connections of sources are named by their variables', () => {
  const url = 'postgres://reader:secret@db:5432/crm';
  expect(
    readSourceUrls({
      WEIR_SOURCE_CRM_URL: url,
      WEIR_SOURCE_OLD_ERP_URL: url,
      WEIR_SOURCE__URL: '',
      HOME: '/',
    }),
  ).toEqual({
    crm: url,
    old_erp: url,
  });
});

test('what is no URL of a Postgres is refused without its value', () => {
  const read = (): unknown => readSourceUrls({ WEIR_SOURCE_CRM_URL: 'mysql://reader:secret@db/crm' });
  expect(read).toThrow(/^WEIR_SOURCE_CRM_URL is not the URL of a Postgres/);
  expect(read).not.toThrow(/secret/);
});
