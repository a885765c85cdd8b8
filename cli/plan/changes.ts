import { hashOf } from '../../activities/gate/gate-result.ts';
import type { Suite } from '../../expectations/suite.ts';
import { builtText } from '../../models/built-text.ts';
import { diffLines } from '../../models/diff-lines.ts';
import type { DiffLine } from '../../models/diff-lines.ts';
import type { Graph } from '../../models/graph.ts';
import { selectedColumns } from '../../models/history-columns.ts';
import type { PublishedModel } from '../../models/model.ts';
import { objectiveTooShort } from '../../models/objective-rule.ts';
import type { Column } from '../../models/relation-name.ts';
import { allowedChange, compareColumns, isSame } from '../../models/schema-change.ts';
import type { SchemaChange } from '../../models/schema-change.ts';
import type { ModelFacts } from '../../activities/preview/facts.ts';
import type { SelectColumns } from './select-columns.ts';

/** What is another than when a model was published last, and what that means. */
export interface Changes {
  readonly sentences: readonly string[];
  /** How its text became another; null where it did not, or where nobody has kept what it was. */
  readonly diff: readonly DiffLine[] | null;
  /** What deploy or a load would refuse. */
  readonly refusals: readonly string[];
}

/** What the database and the files say of a model. */
export interface Compared {
  readonly model: PublishedModel;
  readonly graph: Graph;
  readonly suites: ReadonlyMap<string, Suite>;
  readonly facts: ModelFacts;
  /** The columns that the SELECT makes now. */
  readonly select: SelectColumns | undefined;
  /** The columns that its table has; none where there is no table. */
  readonly table: readonly Column[];
}

/** Compares a model's file with what was published of it. */
export function changesOf(compared: Compared): Changes {
  const { model, facts } = compared;
  const before = facts.published?.text ?? null;
  const isOther = facts.published !== null && facts.published.sqlHash !== model.sqlHash;
  const schema = schemaChanges(compared);
  const tooShort = objectiveTooShort(model, compared.graph, facts.usualSeconds);
  return {
    sentences: [...textChange(compared, isOther), ...schema.sentences, ...suiteChanges(compared)],
    diff: isOther && before !== null ? diffLines(before, builtText(model)) : null,
    refusals: [...schema.refusals, ...(tooShort === null ? [] : [tooShort])],
  };
}

function textChange({ model, graph, facts: { published } }: Compared, isOther: boolean): readonly string[] {
  if (published === null) return ['new: it has not been published yet'];
  if (!isOther) return [];
  const below = graph.downstream.get(model.name) ?? [];
  const load = published.loadId === null ? '' : ` by load ${published.loadId}`;
  return [
    `its SELECT, key or touched queries are others than were published${load}: ${meaningOf(model)}`,
    ...(below.length === 0 ? [] : [`what depends on it: ${below.join(', ')}`]),
  ];
}

function meaningOf({ kind, name, schedule }: PublishedModel): string {
  switch (kind) {
    case 'incremental':
      return `rows published before stay as they were computed; weir run ${schedule} --full-refresh ${name} rebuilds them`;
    case 'full_refresh':
      return 'the next run makes the whole table what it says now';
    case 'history':
      return 'the next run opens a new version of every row of which it says something else';
  }
}

function schemaChanges({ model, select, table }: Compared): Pick<Changes, 'sentences' | 'refusals'> {
  if (table.length === 0) {
    return { sentences: [`there is no table ${model.relation} yet: weir migrate makes it`], refusals: [] };
  }
  if (select === undefined) return { sentences: [], refusals: [] };
  if ('refused' in select) {
    const sentence = `Postgres cannot read its SELECT as things stand: ${select.refused}. weir migrate may have to come first`;
    return { sentences: [sentence], refusals: [] };
  }
  const change = compareColumns(selectedColumns(model, table), select.columns);
  if (isSame(change)) return { sentences: [], refusals: [] };
  const allowed = allowedChange(model, change);
  if ('refusal' in allowed) return { sentences: [columnsText(change)], refusals: [allowed.refusal] };
  const stay =
    change.gone.length > 0 && allowed.drop.length === 0 ? '; those that went away stay and become NULL' : '';
  return {
    sentences: [`${columnsText(change)}: weir migrate brings the table up to it${stay}`],
    refusals: [],
  };
}

function columnsText({ added, gone, retyped }: SchemaChange): string {
  const names = (columns: readonly Column[]): string => columns.map(({ name }) => name).join(', ');
  return [
    ...(added.length === 0 ? [] : [`new columns ${names(added)}`]),
    ...(gone.length === 0 ? [] : [`columns that went away ${names(gone)}`]),
    ...retyped.map(({ name, was, type }) => `${name} is ${type}, was ${was}`),
  ].join('; ');
}

function suiteChanges({ model, suites, facts }: Compared): readonly string[] {
  return (['input', 'output'] as const).flatMap((gate) => {
    const suite = suites.get(model.gates[gate]?.suite ?? '');
    const asked = facts.suiteHashes[gate];
    if (suite === undefined || asked === undefined || asked === hashOf(suite.text)) return [];
    return [
      `suite ${model.gates[gate]?.suite} changed since the ${gate} gate was asked last: the next run asks it as it is now`,
    ];
  });
}
