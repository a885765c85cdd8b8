import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { selectedColumns } from '../models/history-columns.ts';
import type { PublishedModel } from '../models/model.ts';
import { qualified, quoted } from '../models/relation-name.ts';
import type { Column } from '../models/relation-name.ts';
import { compareColumns, fitCandidate } from '../models/schema-change.ts';
import { readColumns } from './columns.ts';
import { define } from './deploy/statement.ts';
import type { DatabaseTransaction } from './databases.ts';

/** A target as a load finds it. */
export interface Target {
  /** How often the model has been published. */
  readonly publishes: number;
  /** Those of the SELECT: without what Weir adds itself. */
  readonly columns: readonly Column[];
  /** SHA-256 of the columns' names and types. */
  readonly columnsHash: string;
}

/**
 * Reads a model's target: what a load notes when it stages, and compares when it publishes.
 *
 * @throws ApplicationFailure `InvalidModel` (not retryable) when the table has not been made.
 */
export async function readTarget(trx: DatabaseTransaction, model: PublishedModel): Promise<Target> {
  const columns = selectedColumns(model, await readColumns(trx, model.layer, model.name));
  if (columns.length === 0) {
    throw invalidModel(
      `${model.file} has no table ${model.relation} yet. Run the migrations, which make it.`,
    );
  }
  const row = await trx
    .selectFrom('control.target')
    .select('publishes')
    .where('model', '=', model.name)
    .executeTakeFirst();
  return { publishes: row?.publishes ?? 0, columns, columnsHash: hashColumns(columns) };
}

/** SHA-256 of the columns' names and types. */
export function hashColumns(columns: readonly Column[]): string {
  const text = JSON.stringify(columns.map(({ name, type }) => [name, type]));
  return createHash('sha256').update(text).digest('hex');
}

/** A model that cannot be loaded as it is; a person has to change it. */
export function invalidModel(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidModel');
}

/**
 * Makes a candidate fit its target: columns that the SELECT no longer has and the table keeps are added to it, as NULL.
 *
 * @throws ApplicationFailure `InvalidModel` (not retryable) naming each column that does not fit, and what to do.
 */
export async function fitColumns(
  trx: DatabaseTransaction,
  model: PublishedModel,
  target: readonly Column[],
  candidate: string,
): Promise<void> {
  const fit = fitCandidate(model, compareColumns(target, await readColumns(trx, 'candidate', candidate)));
  if ('refusal' in fit) throw invalidModel(fit.refusal);
  for (const { name, type } of fit.addAsNull)
    await define(trx, `alter table ${qualified('candidate', candidate)} add column ${quoted(name)} ${type}`);
}

/** Waits for whoever publishes a model, and keeps others from it until the transaction ends. */
export async function lockTarget(trx: DatabaseTransaction, model: string): Promise<void> {
  await trx
    .insertInto('control.target')
    .values({ model, sql_hash: null, columns_hash: null, load_id: null, published_at: null })
    .onConflict((conflict) => conflict.column('model').doNothing())
    .execute();
  await trx.selectFrom('control.target').select('model').where('model', '=', model).forUpdate().execute();
}
