import { expect, test } from 'vitest';
import { readSettings, readSourceUrls } from '../../workers/settings.ts';

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

test('where the repository is on the web is taken without a slash at its end; what is no address is refused', () => {
  const env = {
    DATABASE_URL: 'postgres://weir:secret@db/weir',
    WEIR_LANDING_FOLDER: '/landing',
    PAGERDUTY_ROUTING_KEY: 'weirtestweirtestweirtestweirtest',
  };
  const read = (url: string) => readSettings({ ...env, WEIR_REPOSITORY_URL: url }).repositoryUrl;
  expect(read('https://example.com/weir/blob/main/')).toBe('https://example.com/weir/blob/main');
  expect(read('')).toBeUndefined();
  expect(() => read('example.com/weir')).toThrow(/^WEIR_REPOSITORY_URL is no address of the web/);
});

test('where the catalogue is served is taken without a slash at its end; what is no address is refused', () => {
  const env = {
    DATABASE_URL: 'postgres://weir:secret@db/weir',
    WEIR_LANDING_FOLDER: '/landing',
    PAGERDUTY_ROUTING_KEY: 'weirtestweirtestweirtestweirtest',
  };
  const read = (url: string) => readSettings({ ...env, WEIR_CATALOGUE_URL: url }).catalogueUrl;
  expect(read('https://example.com/catalogue/')).toBe('https://example.com/catalogue');
  expect(read('')).toBeUndefined();
  expect(() => read('example.com/catalogue')).toThrow(/^WEIR_CATALOGUE_URL is no address of the web/);
});

test('the address of the heartbeat is taken as it is; what is none is refused without being shown', () => {
  const env = {
    DATABASE_URL: 'postgres://weir:secret@db/weir',
    WEIR_LANDING_FOLDER: '/landing',
    PAGERDUTY_ROUTING_KEY: 'weirtestweirtestweirtestweirtest',
  };
  const read = (url: string) => readSettings({ ...env, WEIR_HEARTBEAT_URL: url }).heartbeatUrl;
  expect(read('https://hc.example.com/ping/1')).toBe('https://hc.example.com/ping/1');
  expect(read('')).toBeUndefined();
  const refused = (): unknown => read('hc.example.com/ping/a-secret');
  expect(refused).toThrow(/^WEIR_HEARTBEAT_URL is no address of the web/);
  expect(refused).not.toThrow(/a-secret/);
});
