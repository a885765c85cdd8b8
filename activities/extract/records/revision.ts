/** Which revision of what records belong to: a file, or the table that they were read from. */
export interface Revision {
  /** What `_source` says. */
  readonly file: string;
  readonly revision: number;
  readonly loadSequence: number;
  readonly workflowId: string;
}

/** What was done with some records. */
export interface LandedRecords {
  readonly landed: number;
  readonly rejected: number;
  /** How many were rejected because a column's value is not of its type, by column. */
  readonly wrong: Readonly<Record<string, number>>;
}

export const noRecords: LandedRecords = { landed: 0, rejected: 0, wrong: {} };

/** Two counts as one. */
export function addRecords(one: LandedRecords, other: LandedRecords): LandedRecords {
  const wrong = { ...one.wrong };
  for (const [column, count] of Object.entries(other.wrong)) wrong[column] = (wrong[column] ?? 0) + count;
  return { landed: one.landed + other.landed, rejected: one.rejected + other.rejected, wrong };
}
