import type { PublishedModel } from './model.ts';
import type { Column } from './relation-name.ts';

/** How the columns of a model's SELECT differ from those of its table. */
export interface SchemaChange {
  /** In the SELECT and not in the table. */
  readonly added: readonly Column[];
  /** In the table and not in the SELECT. */
  readonly gone: readonly Column[];
  /** In both, in another type; `type` is the SELECT's. */
  readonly retyped: readonly (Column & { readonly was: string })[];
}

/** Compares a table's columns with those of a SELECT, by name. */
export function compareColumns(table: readonly Column[], select: readonly Column[]): SchemaChange {
  const made = new Map(select.map(({ name, type }) => [name, type]));
  const kept = new Set(table.map(({ name }) => name));
  return {
    added: select.filter(({ name }) => !kept.has(name)),
    gone: table.filter(({ name }) => !made.has(name)),
    retyped: table.flatMap(({ name, type: was }) => {
      const type = made.get(name);
      return type === undefined || type === was ? [] : [{ name, type, was }];
    }),
  };
}

/** True where a table is what its SELECT makes. */
export function isSame({ added, gone, retyped }: SchemaChange): boolean {
  return added.length + gone.length + retyped.length === 0;
}

/** What deploy may do to a table by itself. */
export interface AllowedChange {
  readonly add: readonly Column[];
  readonly drop: readonly Column[];
  readonly retype: readonly Column[];
}

/**
 * What `on_schema_change` makes of a difference: statements for deploy, or the sentence with which it is refused.
 *
 * The key is never changed: rows are merged by it, and what reads the model groups by it.
 */
export function allowedChange(
  model: PublishedModel,
  change: SchemaChange,
): AllowedChange | { readonly refusal: string } {
  const key = [...change.gone, ...change.retyped].filter(({ name }) => model.uniqueKey.includes(name));
  if (key.length > 0) {
    return {
      refusal: `${misfit(model, change)}. ${key.map(({ name }) => name).join(', ')} is part of unique_key, which never changes by itself: ${keyMend(model)}`,
    };
  }
  const refused = isSame(change) || allows(model, change) ? null : mend(model);
  if (refused !== null) return { refusal: `${misfit(model, change)}. ${refused}` };
  return model.onSchemaChange === 'sync_all_columns'
    ? { add: change.added, drop: change.gone, retype: change.retyped }
    : { add: change.added, drop: [], retype: [] };
}

/**
 * What a load does about a difference between its candidate and the table as it was deployed: columns it adds to the
 * candidate as NULL, or the sentence with which it is refused. Only `weir migrate` changes tables: a worker may have newer
 * files than the database.
 */
export function fitCandidate(
  model: PublishedModel,
  change: SchemaChange,
): { readonly addAsNull: readonly Column[] } | { readonly refusal: string } {
  const allowed = allowedChange(model, change);
  if ('refusal' in allowed) return allowed;
  const pending = [...allowed.add, ...allowed.drop, ...allowed.retype];
  if (pending.length > 0) {
    const said = `on_schema_change is ${model.onSchemaChange}: run weir migrate, which brings the table up to the file`;
    return { refusal: `${misfit(model, change)}. ${said}, then run again.` };
  }
  return { addAsNull: change.gone };
}

function allows({ onSchemaChange }: PublishedModel, { retyped }: SchemaChange): boolean {
  return (
    onSchemaChange === 'sync_all_columns' || (onSchemaChange === 'append_new_columns' && retyped.length === 0)
  );
}

/** `models/gold/things.sql does not fit gold.things: one is new in the SELECT; …`. */
function misfit({ file, relation }: PublishedModel, { added, gone, retyped }: SchemaChange): string {
  const said = [
    ...added.map(({ name }) => `${name} is in the SELECT and not in the table`),
    ...gone.map(({ name }) => `${name} is in the table and not in the SELECT`),
    ...retyped.map(({ name, type, was }) => `${name} is ${was} in the table and ${type} in the SELECT`),
  ];
  return `${file} does not fit ${relation}: ${said.join('; ')}`;
}

function mend({ onSchemaChange }: PublishedModel): string {
  const sync =
    'sync_all_columns (new ones are added, those that went away are dropped with their values, types are changed)';
  if (onSchemaChange === 'append_new_columns')
    return `on_schema_change: append_new_columns changes no type. Cast to the type of the table, or say ${sync}, and run weir migrate.`;
  return (
    'on_schema_change is fail, as readers may use these columns. Write the SELECT as it was, or say in the header on_schema_change: ' +
    `append_new_columns (new ones are added, those that went away stay and become NULL) or ${sync}, and run weir migrate.`
  );
}

/** What a person does who wants another key, kind or partitioning. */
export function keyMend({ layer, name, shape, kind, schedule }: PublishedModel): string {
  const tables = [
    `${layer}.${name}`,
    `changes.${name}`,
    ...(shape.kind === 'touched' ? [`touched.${name}_keys`] : []),
  ];
  const lost = kind === 'history' ? ', which loses its versions' : '';
  const rebuilt = kind === 'incremental' ? ` --full-refresh ${name}` : '';
  return (
    `give the model another name, or build it anew: drop table ${tables.join(', ')} cascade${lost}; ` +
    `then weir migrate, and weir run ${schedule}${rebuilt}.`
  );
}
