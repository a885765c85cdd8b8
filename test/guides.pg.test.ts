import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase } from './setup/database.ts';
import type { FreshDatabase } from './setup/database.ts';

const PROJECT = path.resolve(import.meta.dirname, '..');
const GUIDE = path.join(PROJECT, 'docs/guides/promises.md');
const written = readFileSync(GUIDE, 'utf8');
/** A command and what it prints; `RECORD_GUIDES=1 npx vitest run test/guides.pg.test.ts` writes it anew. */
const CONSOLE = /```console\n\$ (.*)\n([^]*?)```/g;
const commands = [...written.matchAll(CONSOLE)].map(([, command = '', output = '']) => ({ command, output }));

let database: FreshDatabase;
const folder = mkdtempSync(path.join(tmpdir(), 'weir-guide-'));
beforeAll(async () => {
  database = await freshDatabase();
  for (const statement of block('sql').split(';\n')) await sql.raw(statement).execute(database.admin);
  writeFileSync(path.join(folder, 'orders.json'), block('json'));
  // `npm run weir -- profile` as a reader types it, without npm's own lines.
  mkdirSync(path.join(folder, 'bin'));
  const npm = path.join(folder, 'bin', 'npm');
  writeFileSync(npm, `#!/bin/sh\nshift 3\nexec "${process.execPath}" "${PROJECT}/cli/weir.ts" "$@"\n`);
  chmodSync(npm, 0o755);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

/** The first fenced block of a language. */
function block(language: string): string {
  return new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(written)?.[1] ?? '';
}

function run(command: string): string {
  const { stdout } = spawnSync('sh', ['-c', `{ ${command}; } 2>&1`], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      NO_COLOR: '1',
      DATABASE_URL: database.adminUrl,
      PATH: `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    },
  });
  return stdout;
}

/** Without what differs from run to run. */
function lasting(output: string): string {
  return output.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'NOW').replaceAll(/\d+(\.\d+)? ms/g, 'N ms');
}

test('the guide shows commands', () => {
  expect(commands.length).toBeGreaterThan(3);
});

test.each(commands)('$command prints what the guide says', ({ command, output }) => {
  const printed = run(command);
  if (process.env['RECORD_GUIDES'] === '1') record(command, printed);
  else expect(lasting(printed)).toBe(lasting(output));
});

/** Writes what a command printed into the guide. */
function record(command: string, printed: string): void {
  const text = readFileSync(GUIDE, 'utf8');
  const recorded = text.replaceAll(CONSOLE, (found, shown: string) =>
    shown === command ? `\`\`\`console\n$ ${command}\n${printed}\`\`\`` : found,
  );
  writeFileSync(GUIDE, recorded);
}
