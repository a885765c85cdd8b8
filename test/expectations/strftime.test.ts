import { describe, expect, test } from 'vitest';
import { dateOf, readStrftime } from '../../expectations/strftime.ts';

describe('a format of strftime', () => {
  test.each([
    ['%Y-%m-%d', '\\1-\\2-\\3'],
    ['%d.%m.%y', '20\\3-\\2-\\1'],
    ['%Y-%m', null],
    ['%H:%M', null],
    ['%d %B %Y', null],
  ])('%s has the date %s', (format, date) => {
    const pattern = readStrftime(format);
    expect(typeof pattern === 'string' ? pattern : dateOf(pattern)).toBe(date);
  });

  test.each([
    ['%Q', '%Q'],
    ['%Y %Y', '%Y'],
    ['100%', '%'],
  ])('%s is refused for %s', (format, directive) => {
    expect(readStrftime(format)).toBe(directive);
  });

  test('what is no directive stands for itself', () => {
    const pattern = readStrftime('(%Y)*');
    expect(typeof pattern === 'string' ? null : pattern.regex).toBe('(?i)^(?:\\((\\d{4})\\)\\*)$');
  });
});
