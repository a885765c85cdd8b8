import { sql } from 'kysely';
import type { DatabaseTransaction } from '../databases.ts';

/**
 * Runs one statement that makes something. Such statements take no bound values, so it comes as text, made of checked
 * names (`models/relation-name.ts`), checked types and the SELECTs of this repository's own files.
 */
export async function define(trx: DatabaseTransaction, text: string): Promise<void> {
  // oxlint-disable-next-line no-restricted-properties -- DDL takes no parameters; the text is made of checked names only.
  await sql.raw(text).execute(trx);
}
