import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { root } from '../../tools.ts';

/** What ends a process by itself is a process of its own. */
const ENDS = /\bprocess\.exit\(/;

const files = globSync('{cli,workers,infra}/**/*.{ts,mjs}', { cwd: root }).filter((file) =>
  ENDS.test(readFileSync(`${root}${file}`, 'utf8')),
);

test('there are such files', () => {
  expect(files).toContain('cli/weir.ts');
  expect(files.length).toBeGreaterThan(4);
});

test.each(files)('%s cannot hang when it exits', (file) => {
  const imports = [...readFileSync(`${root}${file}`, 'utf8').matchAll(/^import [^;]*?'([^']+)';/gm)];
  const ours = imports.map(([, from = '']) => from).filter((from) => from.startsWith('.'));
  expect(ours[0]).toMatch(/exit-deadlock\.mjs$/);
});
