import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { AlarmName, PageInput } from '../activities/page/page-input.ts';
import { renderMarkdown } from '../infra/docs/markdown.ts';

const PROJECT = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(PROJECT, file), 'utf8');
const files = (...patterns: readonly string[]) =>
  globSync([...patterns], { cwd: PROJECT, exclude: (name) => name === 'node_modules' }).toSorted();

/** Every kind of page, and the runbook of its own; null: it wakes nobody, or ends what another began. */
const RUNBOOKS: Readonly<
  Record<Exclude<PageInput['kind'], 'alarm'> | AlarmName | 'undelivered', string | null>
> = {
  gateHeld: 'gate-held.md',
  gateFailed: 'gate-held.md',
  gateAbandoned: 'gate-held.md',
  gatePassed: null,
  gateWarned: null,
  runFailed: 'run-failed.md',
  runSucceeded: null,
  freshness: 'freshness.md',
  availability: 'availability.md',
  sourceSilent: 'source-silent.md',
  runEnded: 'run-ended.md',
  tasksFailing: 'tasks-failing.md',
  scheduleMissed: 'schedule-missed.md',
  databaseUnreachable: 'database-unreachable.md',
  undelivered: 'page-undelivered.md',
};
const SECTIONS = ['what-it-means', 'look-first', 'what-to-press'];

/** Something in a file that should lead to a page of the repository, and there to an anchor. */
interface Reference {
  readonly from: string;
  readonly to: string;
  readonly anchor: string | null;
}

const anchorsOf = new Map<string, readonly string[]>();

/** Whether a reference leads somewhere, in words; null where it does. */
function problemOf({ from, to, anchor }: Reference): string | null {
  if (!existsSync(path.join(PROJECT, to))) return `${from}: ${to} is not there`;
  if (anchor === null || !to.endsWith('.md')) return null;
  const anchors = anchorsOf.get(to) ?? renderMarkdown(read(to)).anchors;
  anchorsOf.set(to, anchors);
  return anchors.includes(anchor) ? null : `${from}: ${to} has no #${anchor}`;
}

const problems = (references: readonly Reference[]) =>
  references.map(problemOf).filter((problem) => problem !== null);

/** Runbooks named in a file's text, as a path from the repository's root. */
function named(from: string, text: string): Reference[] {
  return [...text.matchAll(/docs\/runbooks\/(?!x\.md)[\w-]+\.md(?:#([\w-]+))?/g)].map(([whole, anchor]) => ({
    ...{ from, to: whole.replace(/#.*/, '') },
    anchor: anchor ?? null,
  }));
}

/** The strings in a text that may be anchors. */
function quoted(text: string): string[] {
  return [...text.matchAll(/'([a-z][a-z-]*)'/g)].map(([, anchor]) => anchor ?? '');
}

/**
 * Anchors that code puts behind its runbook's path as it goes: the values of its `ANCHORS`, the other choice of a `??`,
 * and what it or a file beside it hands to a function as `anchor`, or names so.
 */
function computed(from: string, text: string): Reference[] {
  const [first] = named(from, text);
  if (first === undefined || !/#\$\{/.test(text)) return [];
  const table = /const ANCHORS\b[^{]*\{([^}]*)\}/.exec(text)?.[1] ?? '';
  const takers = text.matchAll(/(export )?function (\w+)\([^)]*\banchor: string/g);
  const beside = files(`${path.dirname(from)}/*.ts`).map(read);
  const calls = [...takers].flatMap(([, exported, taker]) =>
    (exported === undefined ? [text] : beside).flatMap((other) => {
      const call = new RegExp(`(?<!function )\\b${taker}\\((?:[^()]|\\([^()]*\\))*\\)`, 'g');
      const passed = [...other.matchAll(call)].map(([whole]) => whole);
      const constants = passed.some((whole) => /\banchor\b/.test(whole))
        ? (/const anchor =[^;]*;/.exec(other)?.[0] ?? '')
        : '';
      return quoted([...passed, constants].join(' '));
    }),
  );
  const anchors = [
    ...[...table.matchAll(/: '([^']+)'/g)].map(([, anchor]) => anchor ?? ''),
    ...[...text.matchAll(/ANCHORS\[[^\]]*\](?:\)\])? \?\? '([^']+)'/g)].map(([, anchor]) => anchor ?? ''),
    ...calls,
  ];
  expect(anchors, `${from} makes anchors that this test cannot read`).not.toEqual([]);
  return [...new Set(anchors)].map((anchor) => ({ from, to: first.to, anchor }));
}

/** Links of a page of Markdown to a page or an anchor, as paths from the root. Code and addresses of the web are none. */
function linked(from: string): Reference[] {
  const text = read(from).replaceAll(/^```.*?^```/gms, '');
  return [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, to = '', anchor]) => ({
    from,
    to: to === '' ? from : path.relative(PROJECT, path.resolve(PROJECT, path.dirname(from), to)),
    anchor: anchor ?? null,
  }));
}

describe('runbooks', () => {
  const code = files('{activities,workflows,workers,cli,expectations,models}/**/*.{ts,json,sql}');

  it('that code, suites and models name are there, with the anchors that they name', () => {
    const references = code.flatMap((file) => {
      const text = read(file);
      return text.includes('docs/runbooks/') ? [...named(file, text), ...computed(file, text)] : [];
    });
    expect(references.length).toBeGreaterThan(15);
    expect(references.filter(({ anchor }) => anchor !== null)).not.toEqual([]);
    expect(problems(references)).toEqual([]);
  });

  it('that suites and models name in a field are pages of the repository, or addresses', () => {
    const fields = files('expectations/suites/*.json', 'models/**/*.sql').flatMap((file) =>
      [...read(file).matchAll(/^\s*"?runbook"?: "?([^"\s,]+)/gm)].map(([, to = '']) => ({ from: file, to })),
    );
    expect(fields.length).toBeGreaterThan(8);
    const paths = fields.filter(({ to }) => !/^https?:\/\//.test(to));
    expect(problems(paths.map(({ from, to }) => ({ from, ...split(to) })))).toEqual([]);
  });

  it('that alerts of Prometheus name are there, and every alert names one', () => {
    const rules = files('infra/prometheus/rules/*.yml').flatMap((file) =>
      alertsOf(file).map(({ alert, runbook }) => ({ from: `${file} ${alert}`, ...split(runbook) })),
    );
    expect(rules.length).toBeGreaterThan(10);
    expect(problems(rules)).toEqual([]);
  });

  it.each(Object.entries(RUNBOOKS).filter(([, page]) => page !== null))(
    'of %s, %s, says what it means, where to look and what to press',
    (_, page) => {
      const { anchors } = renderMarkdown(read(`docs/runbooks/${page}`));
      expect(anchors).toEqual(expect.arrayContaining(SECTIONS));
    },
  );

  it('are all known: each page is that of a kind, or lists the alerts', () => {
    const known = [...Object.values(RUNBOOKS), 'alerts.md'];
    const pages = files('docs/runbooks/*.md').map((file) => path.basename(file));
    expect(pages.filter((page) => !known.includes(page))).toEqual([]);
  });
});

it.each(files('*.md', '{docs,infra,bench,expectations,models}/**/*.md'))(
  '%s links only to pages and anchors that are there',
  (file) => {
    expect(problems(linked(file))).toEqual([]);
  },
);

/** A runbook as a rule or a header names it. */
function split(text: string): Pick<Reference, 'to' | 'anchor'> {
  const [to = '', anchor] = text.split('#');
  return { to, anchor: anchor ?? null };
}

function alertsOf(file: string): { readonly alert: string; readonly runbook: string }[] {
  const { groups = [] } = Object(parse(read(file)));
  return Array.from<{ rules: Record<string, unknown>[] }>(groups)
    .flatMap(({ rules }) => rules)
    .filter(({ alert }) => typeof alert === 'string')
    .map(({ alert, annotations }) => {
      const url = String(Object(annotations)['runbook_url']);
      return { alert: String(alert), runbook: url.replace(/^\{\{[^}]*\}\}\//, '') };
    });
}
