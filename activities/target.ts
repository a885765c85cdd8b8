import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import type { PublishedModel } from '../models/model.ts';
import type { Column } from '../models/relation-name.ts';
import { readColumns } from './columns.ts';
import type { DatabaseTransaction } from './databases.ts';

/** A target as a load finds it. */
export interface Target {
  /** How often the model has been published. */
  readonly publishes: number;
  /** Without `_xid`. */
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
  const columns = (await readColumns(trx, model.layer, model.name)).filter(({ name }) => name !== '_xid');
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
 * Compares a candidate's columns with its target's.
 *
 * @throws ApplicationFailure `InvalidModel` (not retryable) naming each column that is missing, new or of another type.
 */
export function checkColumns(
  model: PublishedModel,
  target: readonly Column[],
  candidate: readonly Column[],
): void {
  const made = new Map(candidate.map(({ name, type }) => [name, type]));
  const kept = new Set(target.map(({ name }) => name));
  const problems = [
    ...target.flatMap(({ name, type }) => {
      const found = made.get(name);
      if (found === undefined) return [`${name} is missing from the SELECT`];
      return found === type ? [] : [`${name} is ${found} in the SELECT and ${type} in the table`];
    }),
    ...candidate.filter(({ name }) => !kept.has(name)).map(({ name }) => `${name} is not in the table`),
  ];
  if (problems.length === 0) return;
  throw invalidModel(
    `${model.file} does not fit ${model.relation}: ${problems.join('; ')}. ` +
      'Run the migrations, which bring the table up to the model, or put the column back.',
  );
}
