import { expect, test } from 'vitest';
import { hostOf, otherHost, otherHostText } from '../../catalogue/serve/asked-host.ts';

const names = ['127.0.0.1', 'weir.example.com', 'Büro.example'];

test.each([
  '127.0.0.1:8236',
  '127.0.0.1',
  'localhost:8236',
  'LOCALHOST.',
  'weir.localhost:80',
  '[::1]:8236',
  '10.0.0.4:8236',
  'weir.example.com',
  'Weir.Example.com:8443',
  'weir.example.com.',
  undefined,
])('%s is its own', (asked) => {
  expect(otherHost(asked, names)).toBeNull();
});

test.each([
  ['evil.example:8236', 'evil.example'],
  ['weir.example.com.evil.example', 'weir.example.com.evil.example'],
  ['evil-weir.example.com', 'evil-weir.example.com'],
  ['localhost.evil.example', 'localhost.evil.example'],
  ['127.0.0.1.evil.example', '127.0.0.1.evil.example'],
  ['evillocalhost', 'evillocalhost'],
  ['example.com', 'example.com'],
])('%s is another', (asked, name) => {
  expect(otherHost(asked, names)).toEqual({ name });
});

test.each(['', ' ', 'localhost/..', 'evil.example@localhost', 'localhost#evil', 'a b', '[::1', 'evil:99999'])(
  '%j is no host',
  (asked) => {
    expect(otherHost(asked, names)).toEqual({ name: null });
    expect(hostOf(asked)).toBeNull();
  },
);

test('who was refused reads why, and what to do where the name is right', () => {
  const text = otherHostText({ name: 'weir.internal' });
  expect(text).toMatch(/asked for as weir\.internal\./);
  expect(text).toContain('`weir docs serve --name weir.internal`, or set WEIR_CATALOGUE_URL');
  expect(otherHostText({ name: null })).toContain('--name NAME');
});
