import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Offence {
  readonly file: string;
  readonly text: string;
  readonly rule: string;
  readonly message: RegExp;
}

const validator = `
import { defineUpdate, setHandler } from '@temporalio/workflow';
setHandler(defineUpdate<void, [string]>('x'), () => {}, { validator: async (y: string) => { await Promise.resolve(y); } });
export {};`;

const offences: readonly Offence[] = [
  {
    file: 'workflows/a1.ts',
    text: "import { readFileSync } from 'node:fs';\nreadFileSync('x');",
    rule: 'no-restricted-imports',
    message: /replayed/,
  },
  {
    file: 'workflows/a2.ts',
    text: "import { sql } from 'kysely';\nsql`x`;",
    rule: 'no-restricted-imports',
    message: /replayed/,
  },
  {
    file: 'workflows/a3.ts',
    text: "import { x } from '../activities/here.ts';\nx();",
    rule: 'no-restricted-imports',
    message: /types only/,
  },
  {
    file: 'workflows/deep/a4.ts',
    text: "import { x } from '../../workers/here.ts';\nx();",
    rule: 'no-restricted-imports',
    message: /Nothing imports workers/,
  },
  {
    file: 'workflows/a5.ts',
    text: "export const x = process.env['X'];",
    rule: 'no-restricted-globals',
    message: /replayed/,
  },
  {
    file: 'workflows/plain-error.ts',
    text: "export function x(): never { throw new Error('x'); }",
    rule: 'no-restricted-globals',
    message: /Throw ApplicationFailure/,
  },
  {
    file: 'workflows/type-error.ts',
    text: "export const x = new TypeError('x');",
    rule: 'no-restricted-globals',
    message: /Throw ApplicationFailure/,
  },
  {
    file: 'workflows/own-error.ts',
    text: 'export class Mine extends Error {}',
    rule: 'no-restricted-globals',
    message: /Throw ApplicationFailure/,
  },
  {
    file: 'workflows/unregistered.ts',
    text: "import { defineSearchAttributeKey } from '@temporalio/common';\nexport const x = defineSearchAttributeKey('X', 'KEYWORD');",
    rule: 'no-restricted-imports',
    message: /not registered/,
  },
  { file: 'workflows/a6.ts', text: validator, rule: 'no-misused-promises', message: /Promise/ },
  {
    file: 'models/b1.ts',
    text: "import { Kysely } from 'kysely';\nexport const x = Kysely;",
    rule: 'no-restricted-imports',
    message: /of kysely only sql/,
  },
  {
    file: 'models/b2.ts',
    text: "import { readFileSync } from 'fs';\nreadFileSync('x');",
    rule: 'no-restricted-imports',
    message: /pure/,
  },
  {
    file: 'models/b3.ts',
    text: 'export const x = new Date();',
    rule: 'no-restricted-globals',
    message: /clock/,
  },
  {
    file: 'models/b4.ts',
    text: "import type { X } from '../activities/here.ts';\nexport type Y = X;",
    rule: 'no-restricted-imports',
    message: /at the bottom/,
  },
  {
    file: 'expectations/types/c1.ts',
    text: "import { parse } from 'yaml';\nparse('x');",
    rule: 'no-restricted-imports',
    message: /pure/,
  },
  {
    file: 'expectations/c2.ts',
    text: 'export const x = Date.now();',
    rule: 'no-restricted-globals',
    message: /clock/,
  },
  {
    file: 'expectations/c3.ts',
    text: "import { sql } from 'kysely';\nexport const x = sql.raw('x');",
    rule: 'no-restricted-properties',
    message: /injection/,
  },
  {
    file: 'activities/d1.ts',
    text: "import pg from 'pg';\nexport const x = pg;",
    rule: 'no-restricted-imports',
    message: /handed their clients/,
  },
  {
    file: 'activities/d2.ts',
    text: "import { x } from '../workers/here.ts';\nx();",
    rule: 'no-restricted-imports',
    message: /Nobody imports catalogue, workers/,
  },
  {
    file: 'activities/d3.ts',
    text: "export const x = process.env['X'];",
    rule: 'no-process-env',
    message: /process\.env/,
  },
  {
    file: 'activities/d4.ts',
    text: "import { Client } from '@temporalio/client';\nexport const x = Client;",
    rule: 'no-restricted-imports',
    message: /handed their clients/,
  },
  {
    file: 'activities/d5.ts',
    text: "import { x } from './here.ts';\nexport function y() { x(); }",
    rule: 'no-floating-promises',
    message: /await/,
  },
  {
    file: 'activities/d6.ts',
    text: "import { x } from '../catalogue/here.ts';\nx();",
    rule: 'no-restricted-imports',
    message: /Nobody imports catalogue, workers/,
  },
  {
    file: 'catalogue/f1.ts',
    text: "import { x } from '../workers/here.ts';\nx();",
    rule: 'no-restricted-imports',
    message: /take what else you need as a field of Site/,
  },
  {
    file: 'catalogue/f2.ts',
    text: "export const x = process.env['X'];",
    rule: 'no-process-env',
    message: /process\.env/,
  },
  {
    file: 'catalogue/f3.ts',
    text: "import { trusted } from './html.ts';\nexport const x = trusted('<b>');",
    rule: 'no-restricted-imports',
    message: /html tag, which escapes/,
  },
  {
    file: 'infra/e1.ts',
    text: "import { x } from '../test/here.ts';\nx();",
    rule: 'no-restricted-imports',
    message: /Nobody imports bench or test/,
  },
];

const innocent: Readonly<Record<string, string>> = {
  'workflows/ok.ts': `
import { proxyActivities } from '@temporalio/workflow';
import type { x } from '../activities/here.ts';
import { pure } from '../models/here.ts';
const { y } = proxyActivities<{ y: typeof x }>({ startToCloseTimeout: '1 s' });
export const z = async (): Promise<unknown> => [await y(), pure];`,
  'workflows/failure.ts': `
import { ApplicationFailure } from '@temporalio/workflow';
export function x(): never { throw ApplicationFailure.nonRetryable('x', 'X'); }`,
  'models/ok.ts':
    "import { sql } from 'kysely';\nimport type { Kysely } from 'kysely';\nimport { parse } from 'yaml';\nexport const x = [sql`x`, parse];\nexport type Y = Kysely<object>;",
  'expectations/types/ok.ts':
    "import { Ajv } from 'ajv';\nimport { sql } from 'kysely';\nexport const x = [Ajv, sql`x`];",
  'activities/ok.ts': `
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Context } from '@temporalio/activity';
import { pure } from '../models/here.ts';
export const x = [createHash, wait, Context, pure];
export type Y = Client;`,
  'activities/here.ts': 'export async function x(): Promise<number> { return await Promise.resolve(1); }',
  'workers/here.ts': "export function x(): string | undefined { return process.env['X']; }",
  'test/here.ts': 'export function x(): number { return 1; }',
  'models/here.ts': 'export const pure = 1;',
};

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly help?: string;
  readonly filename: string;
}

let folder: string;
let findings: readonly Finding[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-lint-'));
  for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json'])
    cpSync(join(root, file), join(folder, file));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const planted = Object.fromEntries(offences.map(({ file, text }) => [file, text]));
  for (const [file, text] of Object.entries({ ...planted, ...innocent })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  findings = await lint();
}, 30_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function lint(): Promise<readonly Finding[]> {
  return new Promise((accept, refuse) => {
    const oxlint = join(root, 'node_modules', '.bin', 'oxlint');
    execFile(
      oxlint,
      ['--format', 'json'],
      { cwd: folder, maxBuffer: 10_000_000 },
      (_error, stdout, stderr) => {
        try {
          accept(JSON.parse(stdout).diagnostics);
        } catch {
          refuse(new Error(`oxlint: ${stdout}${stderr}`));
        }
      },
    );
  });
}

test.each(offences)('$file is caught by $rule', ({ file, rule, message }) => {
  const found = findings.filter((finding) => finding.filename === file && finding.code.includes(rule));
  expect(found.map((finding) => `${finding.message} ${finding.help ?? ''}`).join('\n')).toMatch(message);
});

test.each(Object.keys(innocent))('%s is let through', (file) => {
  expect(findings.filter(({ filename }) => filename === file)).toEqual([]);
});
