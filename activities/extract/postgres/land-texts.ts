import type { SourceModel } from '../../../models/model.ts';
import type { DatabaseTransaction } from '../../databases.ts';
import { nextLoadSequences } from '../files/notes.ts';
import { landRecords } from '../records/land-records.ts';
import { addRecords, noRecords } from '../records/revision.ts';
import type { LandedRecords, Revision } from '../records/revision.ts';

/** Rows of one extract share a load sequence; a position is that and the row's number in it, so that none comes twice. */
const rowsOfAnExtract = 1_000_000_000;

/** Lands rows of another database, and counts them. */
export interface Landing {
  readonly loadSequence: number;
  readonly take: (texts: readonly string[]) => Promise<void>;
  readonly total: () => LandedRecords;
}

/** Begins to land rows of a relation. */
export async function beginLanding(
  here: DatabaseTransaction,
  source: SourceModel,
  relation: string,
  workflowId: string,
): Promise<Landing> {
  const [loadSequence = 0] = await nextLoadSequences(here, 1);
  const revision: Revision = { file: relation, revision: 1, loadSequence, workflowId };
  let [total, taken] = [noRecords, 0];
  return {
    loadSequence,
    total: () => total,
    take: async (texts) => {
      if (texts.length === 0) return;
      const positions = texts.map((_, index) => loadSequence * rowsOfAnExtract + taken + index + 1);
      taken += texts.length;
      const chunk = { positions, texts, problems: null, columns: 'inTexts' } as const;
      const { rows } = await landRecords(source, revision, chunk, { words: true }).execute(here);
      total = addRecords(total, rows[0] ?? noRecords);
    },
  };
}
