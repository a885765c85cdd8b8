import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { SourceModel } from '../../../models/model.ts';
import type { Revision } from './revision.ts';

/** Why a line is kept byte by byte. */
export const notText = 'not UTF-8 text, or with a NUL byte';

/** Keeps the note that a file could not be unpacked. It has no line: position 0. */
export function rejectFile(
  source: SourceModel,
  revision: Omit<Revision, 'loadSequence'>,
  reason: string,
): RawBuilder<unknown> {
  return sql`
    insert into control.quarantine (relation, file, revision, position, reason, workflow_id)
    values (${source.relation}, ${revision.file}, ${revision.revision}, 0, ${reason}, ${revision.workflowId})`;
}

/** Keeps a record that is not text, byte by byte. */
export function rejectBytes(
  source: SourceModel,
  revision: Revision,
  position: number,
  bytes: Buffer,
): RawBuilder<unknown> {
  return sql`
    insert into control.quarantine (relation, file, revision, position, reason, record_bytes, workflow_id)
    values (${source.relation}, ${revision.file}, ${revision.revision}, ${position}, ${notText}, ${bytes}, ${revision.workflowId})`;
}

/** Keeps a line of text that no statement can look at. */
export function rejectText(
  source: SourceModel,
  revision: Revision,
  position: number,
  text: Buffer,
  reason: string,
): RawBuilder<unknown> {
  return sql`
    insert into control.quarantine (relation, file, revision, position, reason, record, workflow_id)
    values (${source.relation}, ${revision.file}, ${revision.revision}, ${position}, ${reason},
      rtrim(${text}::text, e'\\r\\n'), ${revision.workflowId})`;
}
