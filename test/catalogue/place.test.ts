import { expect, test } from 'vitest';
import { addressesFrom, fileOf } from '../../catalogue/addresses.ts';
import { placeOf } from '../../catalogue/serve/place.ts';

test('addresses are relative, so that a folder opens from a disk and from any path of a server', () => {
  const [front, below] = [addressesFrom(0), addressesFrom(1)];
  expect(front('models', 'dim_stores', 'loads')).toBe('models/dim_stores.html#loads');
  expect(below('models', 'dim_stores')).toBe('../models/dim_stores.html');
  expect([front(''), below(''), below('gates')]).toEqual([
    'index.html',
    '../index.html',
    '../gates/index.html',
  ]);
  expect(front('suites', 'a suite of…')).toBe('suites/a%20suite%20of%E2%80%A6.html');
  expect(fileOf('suites', 'a suite of…')).toBe('suites/a suite of….html');
});

test.each(['../etc', 'a/b', 'a\\b', '.hidden', ''])('%j is no page of a folder', (id) => {
  expect(() => fileOf('models', id)).toThrow(/cannot be the name of a page/);
});

test.each([
  ['/', { kind: 'page', folder: '', id: 'index' }],
  ['/index.html', { kind: 'page', folder: '', id: 'index' }],
  ['/models/', { kind: 'page', folder: 'models', id: 'index' }],
  ['/models/dim_stores.html', { kind: 'page', folder: 'models', id: 'dim_stores' }],
  ['/suites/a%20b.html', { kind: 'page', folder: 'suites', id: 'a b' }],
  ['/models', { kind: 'elsewhere', path: '/models/' }],
  ['/style.css', { kind: 'file', file: 'style.css' }],
  ['/models/dim_stores', { kind: 'nowhere' }],
  ['/models/%E0%A4%A.html', { kind: 'nowhere' }],
  ['/models/below/dim_stores.html', { kind: 'nowhere' }],
  ['/nothing/', { kind: 'nowhere' }],
  ['//', { kind: 'page', folder: '', id: 'index' }],
])('%s is %o', (path, place) => {
  expect(placeOf(path)).toEqual(place);
});

test.each(['/../package.json', '/models/../../x.html', '/models/..%2f..%2fx.html', '*', 'http://elsewhere/'])(
  '%s leads nowhere that is a file',
  (path) => {
    const place = placeOf(path);
    expect(place.kind === 'nowhere' || place.kind === 'page' || place.kind === 'file').toBe(true);
    if (place.kind === 'file') expect(['style.css', 'site.js']).not.toContain(place.file);
  },
);
