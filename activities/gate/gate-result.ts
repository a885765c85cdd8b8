import { createHash } from 'node:crypto';
import { compileListing, isAskable } from '../../expectations/compile.ts';
import type { Batch } from '../../expectations/compile.ts';
import type { JudgedEntry } from '../../expectations/judge.ts';
import { grouped } from '../../expectations/measured.ts';
import type { JsonObject } from '../../expectations/json.ts';
import { resultMeta } from '../../expectations/result-meta.ts';
import type { VerdictFacts } from '../../expectations/verdict.ts';
import { windowDeltas } from '../../models/window.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { loadSettings } from '../load-window.ts';
import type { LoadRow } from '../load.ts';
import { renderSql } from './render-sql.ts';

/** What a gate's result says of itself, beside what it found. */
export interface Judging {
  readonly load: LoadRow;
  readonly facts: Pick<VerdictFacts, 'model' | 'gate'>;
  /** The suite's file and its text; null where it could not be read. */
  readonly suite: { readonly file: string; readonly text: string } | null;
}

/** `meta` of a gate's result: which load, which rows, by which suite. */
export function gateMeta(
  { load, facts, suite }: Judging,
  relation: Batch['relation'] | null,
  more: JsonObject,
): JsonObject {
  const asset = relation === null ? facts.model : relation.join('.');
  return resultMeta(
    { name: load.run.workflowId, asOf: load.asOf, asset },
    {
      model: facts.model,
      gate: facts.gate,
      ...(relation === null ? {} : { relation: asset }),
      load: load.loadId,
      as_of: load.asOf,
      window: { kind: load.window.kind, deltas: windowDeltas(load.window) },
      ...(suite === null ? {} : { suite: { file: suite.file, sha256: hashOf(suite.text) } }),
      ...more,
    },
  );
}

/** A suite's text, as `control.gate_run.suite_hash` and results name it. */
export function hashOf(suiteText: string): string {
  return createHash('sha256').update(suiteText).digest('hex');
}

/** The result of a gate that could not be checked: nothing was asked, so nothing holds. */
export function uncheckedResult(judging: Judging, suite: string, reason: string): JsonObject {
  return {
    success: false,
    results: [],
    suite_name: suite,
    suite_parameters: {},
    statistics: {
      evaluated_expectations: 0,
      successful_expectations: 0,
      unsuccessful_expectations: 0,
      success_percent: null,
    },
    meta: gateMeta(judging, null, { reason }),
    id: null,
  };
}

/**
 * The SQL that lists all failing rows of each expectation, as `control.gate_result.queries` keeps it: by place in the
 * suite, with the settings under which it reads the same rows again. Its values are in it, so it is as restricted as
 * the rows.
 */
export function failingQueries(
  trx: DatabaseTransaction,
  judged: readonly JudgedEntry[],
  batch: Batch,
  load: LoadRow,
): JsonObject {
  const listed = judged.flatMap(({ entry, success, judgement }): [string, string][] => {
    // Also where it holds for enough rows: those of the rest are worth a look.
    const some = judgement !== null && (!success || (judgement.unexpectedCount ?? 0) > 0);
    const failing = some && isAskable(entry) ? compileListing(entry, batch) : null;
    return failing === null ? [] : [[String(entry.expectation.index), kept(renderSql(trx, failing))]];
  });
  return { relation: batch.relation, settings: loadSettings(load), listed: Object.fromEntries(listed) };
}

/** Characters of a statement that is kept. A set of a million values is in each promise about it. */
const LONGEST = 1_000_000;

/** A statement, or the comment that stands in its place: a result that outgrows jsonb could not be stored at all. */
function kept(statement: string): string {
  if (statement.length <= LONGEST) return statement;
  return `-- not kept: ${grouped(statement.length)} characters of SQL. \`weir validate --explain\` prints it again.`;
}
