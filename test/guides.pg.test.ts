import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PreparedGuide, PrepareGuide } from './guides/guide.ts';
import { freshDatabase } from './setup/database.ts';
import type { FreshDatabase } from './setup/database.ts';

/*
 * Every command that a guide shows is run, in the guide's order and on a database of the guide's own, and has to print
 * what the guide says. `RECORD_GUIDES=1 npx vitest run test/guides.pg.test.ts` writes what they print into the guides;
 * `-t sources` only into docs/guides/sources.md.
 *
 * In a guide:
 * - a `console` block is one command, `$ …`, and what it prints, stderr included;
 * - `sql` blocks up to the first command are run by an administrator before it;
 * - a block whose fence names a file (```json orders.json) is written to that file.
 * What else has to be there, test/guides/<guide>.ts prepares.
 */
const PROJECT = path.resolve(import.meta.dirname, '..');
const CONSOLE = /```console\n\$ (.*)\n([^]*?)```/g;

const guides = globSync('docs/guides/*.md', { cwd: PROJECT }).flatMap((file) => {
  const guide = path.join(PROJECT, file);
  const written = readFileSync(guide, 'utf8');
  const commands = [...written.matchAll(CONSOLE)].map(([, command = '', output = '']) => ({
    command,
    output,
  }));
  return commands.length > 0 ? [{ name: path.basename(file, '.md'), guide, written, commands }] : [];
});

test('the guides show commands', () => {
  expect(guides.map(({ name }) => name)).toContain('promises');
  expect(guides.flatMap(({ commands }) => commands).length).toBeGreaterThan(3);
});

describe.each(guides)('$name', ({ name, guide, written, commands }) => {
  let database: FreshDatabase;
  let prepared: PreparedGuide = {};
  const folder = mkdtempSync(path.join(tmpdir(), 'weir-guide-'));
  beforeAll(async () => {
    database = await freshDatabase();
    writeFiles(written, folder);
    installNpm(folder);
    prepared = await (await preparationOf(name))({ database, folder });
    for (const statement of setupSql(written)) await sql.raw(statement).execute(database.admin);
  });
  afterAll(async () => {
    await prepared.close?.();
    rmSync(folder, { recursive: true, force: true });
    await database.drop();
  });

  test.each(commands)('$command prints what the guide says', async ({ command, output }) => {
    const printed = await run(command, folder, { DATABASE_URL: database.adminUrl, ...prepared.env });
    if (process.env['RECORD_GUIDES'] === '1') record(guide, command, printed);
    else expect(lasting(printed, prepared)).toBe(lasting(output, prepared));
  });
});

async function preparationOf(name: string): Promise<PrepareGuide> {
  const file = path.join(import.meta.dirname, 'guides', `${name}.ts`);
  if (!existsSync(file)) return async () => ({});
  const module: { prepare: PrepareGuide } = await import(file);
  return module.prepare;
}

function setupSql(written: string): readonly string[] {
  const before = written.slice(0, written.indexOf('```console'));
  return [...before.matchAll(/```sql\n([^]*?)```/g)].flatMap(([, text = '']) =>
    text.split(/;\n/).filter((statement) => statement.trim() !== ''),
  );
}

function writeFiles(written: string, folder: string): void {
  for (const [, file = '', text = ''] of written.matchAll(/```\w+ (\S+)\n([^]*?)```/g)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
}

/** `npm run weir -- profile` as a reader types it, without npm's own lines. */
function installNpm(folder: string): void {
  mkdirSync(path.join(folder, 'bin'));
  const npm = path.join(folder, 'bin', 'npm');
  writeFileSync(npm, `#!/bin/sh\nshift 3\nexec "${process.execPath}" "${PROJECT}/cli/weir.ts" "$@"\n`);
  chmodSync(npm, 0o755);
}

const shell = promisify(execFile);

/** Beside this process, which may have a worker at work for the command. */
async function run(command: string, folder: string, env: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await shell('sh', ['-c', `{ ${command}; } 2>&1; true`], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      NO_COLOR: '1',
      ...env,
      PATH: `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    },
  });
  return stdout;
}

/** Without what differs from run to run. */
function lasting(output: string, { varying = [] }: PreparedGuide): string {
  const usual = output
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'NOW')
    .replaceAll(/\d+(\.\d+)? ms/g, 'N ms');
  return varying.reduce((text, [pattern, replacement]) => text.replaceAll(pattern, replacement), usual);
}

/** Writes what a command printed into its guide. */
function record(guide: string, command: string, printed: string): void {
  const text = readFileSync(guide, 'utf8');
  const recorded = text.replaceAll(CONSOLE, (found, shown: string) =>
    shown === command ? `\`\`\`console\n$ ${command}\n${printed}\`\`\`` : found,
  );
  writeFileSync(guide, recorded);
}
