import { colours } from '../colours.ts';
import type { Database } from '../../activities/databases.ts';
import { renderSql } from '../../activities/gate/render-sql.ts';
import type { Graph } from '../../models/graph.ts';
import { isPublished } from '../../models/model.ts';
import type { Model } from '../../models/model.ts';
import { qualified } from '../../models/relation-name.ts';
import { redirectRelations } from '../../models/redirect.ts';
import { candidateRows } from '../../models/statements/stage.ts';
import { keysSelect } from './build.ts';
import { keysTable, scratchReferences } from './references.ts';

/** A copy that `weir run --schema` would build. */
export interface PlannedCopy {
  readonly model: string;
  readonly copy: string;
  readonly kind: string;
  /** Relations that it would be made from: other copies, else production. */
  readonly reads: readonly string[];
  readonly sql: string;
}

/** What `weir run --schema` would build, in order, and from what. It reads nothing of the database. */
export function planCopies(
  db: Database,
  graph: Graph,
  models: readonly Model[],
  schema: string,
): readonly PlannedCopy[] {
  const built = new Map<string, readonly []>();
  const copies: PlannedCopy[] = [];
  for (const model of models) {
    if (model.kind === 'source') continue;
    const reads = new Set<string>();
    const to = scratchReferences({ schema, graph, models, span: null }, built);
    const redirected = (part: string): string =>
      redirectRelations(part, (from, name) => {
        if (from !== 'touched') reads.add(built.has(name) ? `${schema}.${name}` : `${from}.${name}`);
        return to(from, name);
      });
    const keys = isPublished(model) ? keysSelect({ graph, span: null }, model, redirected) : null;
    const text = redirected(model.sql);
    const rows = isPublished(model) ? renderSql(db, candidateRows({ ...model, sql: text })) : text;
    const sql = keys === null ? rows : `-- ${qualified(...keysTable(model.name))}:\n${keys}\n\n${rows}`;
    copies.push({
      model: model.name,
      copy: `${schema}.${model.name}`,
      kind: model.kind,
      reads: [...reads],
      sql,
    });
    built.set(model.name, []);
  }
  return copies;
}

/** One line a copy; with `withSql` what it would be filled with. */
export function copiesText(copies: readonly PlannedCopy[], withSql: boolean): string {
  const width = Math.max(...copies.map(({ copy }) => copy.length));
  const lines = copies.flatMap(({ copy, kind, reads, sql }, at) => [
    `${String(at + 1).padStart(2)}  ${colours.bold(copy.padEnd(width))}  ${kind}  from ${reads.join(', ')}`,
    ...(withSql ? sql.split('\n').map((line) => `      ${line}`.trimEnd()) : []),
  ]);
  return `${lines.join('\n')}\n`;
}
