import type { SourceModel } from '../../../models/model.ts';
import { columnsOf } from '../records/column-type.ts';
import type { SourceDrift } from '../reader.ts';
import type { LandedRecords } from '../records/revision.ts';
import { toldFile } from './told-file.ts';

/** A file of fewer records tells nothing about its columns: any of them may be rare. */
const fewest = 20;

/** Share of a file's records that may have a value of another type before it is the column that changed, and not the records. */
const mostWrong = 0.5;

/** Whether a file has enough records to be compared with. */
export function tells({ landed, rejected }: LandedRecords): boolean {
  return landed + rejected >= fewest;
}

/**
 * Says which columns of a file are not what they were: those that no record has though every record of the file before
 * had them, and those whose values are of another type in more than half of the records.
 *
 * @param present how many of the records that landed have each column.
 * @param before the columns that every record of the file before had.
 */
export function fileDrift(
  source: SourceModel,
  file: string,
  content: LandedRecords,
  present: Readonly<Record<string, number>>,
  before: readonly string[],
): readonly SourceDrift[] {
  if (!tells(content)) return [];
  const told = toldFile(source, file);
  const records = content.landed + content.rejected;
  const gone = content.landed === 0 ? [] : before.filter((name) => present[name] === 0);
  const changed = columnsOf(source).filter(({ name }) => (content.wrong[name] ?? 0) > records * mostWrong);
  return [
    ...gone.map((name) => columnGone(source, told, name)),
    ...changed.map(({ name, type }) => ({
      column: name,
      problem: `${content.wrong[name] ?? 0} of the ${records} records of ${told} have a ${name} that is not ${type}`,
      mend: mendOf(source, `change the type of ${name}`),
    })),
  ];
}

function columnGone(source: SourceModel, file: string, name: string): SourceDrift {
  return {
    column: name,
    problem: `no record of ${file} has ${name}, which every record of the file before had`,
    mend: mendOf(source, `take ${name} out`),
  };
}

/** How drift of a file ends. */
export function mendOf(source: SourceModel, change: string): string {
  return `Have the file delivered again as it was agreed, or ${change} in ${source.file}; then reloadAndRetry. Nothing of the file has landed.`;
}
