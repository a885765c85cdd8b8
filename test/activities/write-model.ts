import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RepositoryFolders } from '../../activities/repository.ts';

/** Writes the file of a model that a test makes up: `silver/things`. `more` is the header's own part. */
export async function writeModel(
  { modelsFolder }: RepositoryFolders,
  name: string,
  kind: string,
  more: string,
  select = '',
): Promise<void> {
  const path = join(modelsFolder, `${name}.sql`);
  await mkdir(dirname(path), { recursive: true });
  const header = `kind: ${kind}\nschedule: hourly\nowner: o\ndescription: d\ngrain: g\n${more}`;
  await writeFile(path, `/*\n${header}\n*/\n${select}`);
}
