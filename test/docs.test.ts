import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkParameters } from '../expectations/parameters.ts';
import { parseSuite } from '../expectations/suite.ts';
import { claimNames } from '../infra/demo/story-claims.ts';
import { parseModel } from '../models/parse.ts';
import { ALL_SCHEDULES } from '../workers/schedules.ts';
import * as workflows from '../workflows/index.ts';

const PROJECT = path.resolve(import.meta.dirname, '..');
const pages = globSync(['*.md', '{docs,infra}/**/*.md', '{bench,expectations,models}/*.md'], {
  cwd: PROJECT,
});
const read = (file: string) => readFileSync(path.join(PROJECT, file), 'utf8');
const readme = read('README.md');

/** The first fenced block of a language. */
function block(text: string, language: string): string {
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? '';
}

describe('the docs', () => {
  it.each(pages)('%s links only to what is there', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link]) => link ?? '');
    const broken = links.filter((link) => !existsSync(path.resolve(PROJECT, path.dirname(page), link)));
    expect(broken).toEqual([]);
  });

  it.each(pages)('%s names only npm scripts that exist', (page) => {
    const { scripts } = JSON.parse(read('package.json'));
    const named = [...read(page).matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('number each decision once', () => {
    const numbers = globSync('docs/decisions/*.md', { cwd: PROJECT }).map((file) =>
      path.basename(file).slice(0, 3),
    );
    expect(numbers.length).toBeGreaterThan(5);
    expect(numbers.toSorted()).toEqual([...new Set(numbers)].toSorted());
  });

  it('show claims that the demo makes', () => {
    const shown = [...readme.matchAll(/^ {2}✓ ([a-z-]+) /gm)].map(([, name]) => name ?? '');
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.filter((name) => !claimNames.includes(name))).toEqual([]);
  });

  it('show a model and a suite that are taken as they are', async () => {
    const model = await parseModel('models/silver/card_payments.sql', block(readme, 'sql'));
    expect(model).toMatchObject({ kind: 'incremental', shape: { kind: 'map', delta: 'raw_transactions' } });
    const suite = parseSuite('expectations/suites/card_payments.json', block(readme, 'json'));
    expect(checkParameters(suite, [])).toEqual([]);
  });
});

describe('names that others keep', () => {
  it('workflow types are an interface: schedules, bookmarks and histories use them', () => {
    expect(Object.keys(workflows).toSorted()).toEqual([
      'backfill',
      'dailyDimensionRefresh',
      'freshnessMonitor',
      'hourlyIncrementalLoad',
      'housekeeping',
      'incident',
      'minuteIncrementalLoad',
    ]);
  });

  it('schedules start workflows that exist', () => {
    expect(
      ALL_SCHEDULES.map(({ workflowType }) => workflowType).filter((type) => !(type in workflows)),
    ).toEqual([]);
  });
});
