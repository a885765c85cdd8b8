import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import GithubSlugger from 'github-slugger';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createCounters } from '../../../workers/metrics/counters.ts';
import { GAUGES } from '../../../workers/metrics/gauges.ts';
import { root } from '../../tools.ts';
import { findPromtool } from './promtool.ts';

const FOLDER = path.join(root, 'infra', 'prometheus');
const run = promisify(execFile);

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: { readonly summary?: string; readonly runbook_url?: string };
}

const files = globSync('rules/*.yml', { cwd: FOLDER });
const rules: readonly Rule[] = files.flatMap((file) => {
  const { groups }: { groups: readonly { readonly rules: readonly Rule[] }[] } = parse(
    readFileSync(path.join(FOLDER, file), 'utf8'),
  );
  return groups.flatMap((group) => group.rules);
});
const alerts = rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ name: rule.alert, rule }]));

const promtool = await findPromtool();
const skipped = 'missing' in promtool ? ` (SKIPPED: ${promtool.missing})` : '';

describe.skipIf(skipped !== '')(`the alert rules, by promtool${skipped}`, { timeout: 60_000 }, () => {
  const ask = async (...words: readonly string[]): Promise<string> => {
    if ('missing' in promtool) return '';
    const { stdout } = await run(promtool.path, [...words], { cwd: FOLDER });
    return stdout;
  };

  it('are well formed, and so is the example that reads them', async () => {
    expect(await ask('check', 'rules', ...files)).not.toContain('FAILED');
    expect(await ask('check', 'config', 'prometheus.example.yml')).toContain('2 rule files found');
  });

  it.each(globSync('tests/*.test.yml', { cwd: FOLDER }))(
    'fire when they should and not before: %s',
    async (file) => {
      expect(await ask('test', 'rules', file)).toContain('SUCCESS');
    },
  );
});

describe('the alert rules', () => {
  it('all say how loud they are, what is the matter, and where it is written what to do', () => {
    for (const { name, rule } of alerts) {
      expect(['critical', 'warning', 'none'], name).toContain(rule.labels?.severity);
      expect(rule.annotations?.summary, name).toMatch(/\S.*\.$/);
      expect(rule.annotations?.runbook_url, name).toMatch(
        /^\{\{ \$externalLabels\.weir_docs \}\}\/docs\/runbooks\/[a-z-]+\.md(#[a-z]+)?$/,
      );
    }
  });

  it.each(alerts)('$name leads to a runbook, and to a heading that is in it', ({ rule }) => {
    const [file = '', anchor] = (rule.annotations?.runbook_url ?? '')
      .replace(/^\{\{.*?\}\}\//, '')
      .split('#');
    const page = path.join(root, file);
    expect(existsSync(page), file).toBe(true);
    if (anchor === undefined) return;
    const headings = [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)];
    const slugs = new GithubSlugger();
    expect(headings.map(([, heading = '']) => slugs.slug(heading))).toContain(anchor);
  });

  it('are each asked by a test of their own', () => {
    const tests = globSync('tests/*.test.yml', { cwd: FOLDER }).map((file) =>
      readFileSync(path.join(FOLDER, file), 'utf8'),
    );
    for (const { name } of alerts)
      expect(tests.join('\n'), name).toMatch(new RegExp(`alertname: ${name}\\n\\s+exp_alerts:`));
  });

  it('read what a worker tells', async () => {
    const text = await createCounters().registry.metrics();
    const told = new Set([
      ...Object.keys(GAUGES),
      ...[...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name),
      'weir_database_up',
      'weir_temporal_metrics_up',
      ...rules.flatMap(({ record }) => record ?? []),
    ]);
    for (const { expr } of rules)
      for (const [name] of expr.replaceAll(/"[^"]*"/g, '').matchAll(/\bweir[_:][\w:]+/g))
        expect(told, expr).toContain(name);
  });
});
