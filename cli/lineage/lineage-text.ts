import type { Lineage, LineageStep } from '../../models/lineage.ts';
import { rowSteps } from '../../models/lineage/trace.ts';
import type { PersonalFlow, Trace } from '../../models/lineage/trace.ts';

/** A trace as a tree, one line a column: how it got there, and where the SQL says so. */
export function traceText(trace: Trace, direction: 'up' | 'down'): string {
  const none = direction === 'up' ? nothingAbove(trace) : '└─ nothing reads it\n';
  const below = trace.next.length === 0 ? none : branches(trace.next, direction, '');
  return `${named(trace)}\n${below}`;
}

function nothingAbove({ relation }: Trace): string {
  if (relation.startsWith('bronze.')) return '└─ as its source sent it\n';
  return '└─ of no column: a constant, the clock, or a count of rows\n';
}

function branches(traces: readonly Trace[], direction: 'up' | 'down', indent: string): string {
  return traces
    .map((trace, place) => {
      const last = place === traces.length - 1;
      const line = `${indent}${last ? '└─' : '├─'} ${said(trace, direction)}  ${trace.file ?? ''}:${trace.line ?? 0}\n`;
      return line + branches(trace.next, direction, `${indent}${last ? '   ' : '│  '}`);
    })
    .join('');
}

function said(trace: Trace, direction: 'up' | 'down'): string {
  if (trace.how === 'rows') return `decides the rows of ${trace.relation}`;
  if (trace.how === 'recomputed') return `has rows of ${trace.relation} recomputed`;
  return `${trace.how ?? ''} ${direction === 'up' ? 'from' : 'into'} ${named(trace)}`;
}

function named({ relation, column, personal }: Trace): string {
  const name = relation === '?' ? `${column}, which nothing explains` : `${relation}.${column}`;
  return personal ? `${name} (personal)` : name;
}

/** What decides which rows a model has, kept apart from where their values come from. */
export function rowsText(lineage: Lineage, relation: string): string {
  const steps = rowSteps(lineage, relation);
  return (
    listedSteps(steps, 'rows', `the rows of ${relation} are joined, filtered or grouped by`) +
    listedSteps(steps, 'recomputed', `rows of ${relation} are recomputed when one changes of`)
  );
}

function listedSteps(steps: readonly LineageStep[], how: 'rows' | 'recomputed', said: string): string {
  const lines = steps
    .filter((step) => step.how === how)
    .map((step) => `   ${step.fromRelation}.${step.fromColumn}  ${step.file}:${step.line}\n`);
  return lines.length === 0 ? '' : `${said}\n${lines.join('')}`;
}

/** Warnings, one a line. */
export function flowsText(flows: readonly PersonalFlow[]): string {
  return flows
    .map(({ file, line, problem, mend }) => `warning: ${file}:${line}: ${problem}. ${mend}\n`)
    .join('');
}

/** Names that no relation explains, one a line. */
export function unknownText(steps: readonly LineageStep[]): string {
  return steps
    .map(
      ({ file, line, fromColumn, model, column }) =>
        `warning: ${file}:${line}: nothing explains ${fromColumn}, of which ${model}.${column} is made. Write it as <relation>.<column>.\n`,
    )
    .join('');
}
