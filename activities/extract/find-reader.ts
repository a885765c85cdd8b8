import { readdir } from 'node:fs/promises';
import type { SourceModel } from '../../models/model.ts';
import type { Reader, SettingProblem } from './reader.ts';

const folder = new URL('./', import.meta.url);

/** Files of the folder that are about readers and are none. */
const notReaders = ['reader', 'find-reader'];

/** Names of the readers, as their files have them. */
export async function readerNames(): Promise<readonly string[]> {
  return (await readdir(folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3))
    .filter((name) => !notReaders.includes(name));
}

/** Finds the reader that a source's header names by its file, so that a new reader is one new file. */
export async function findReader(
  source: SourceModel,
): Promise<{ readonly reader: Reader | null; readonly problems: readonly SettingProblem[] }> {
  const names = await readerNames();
  const name = source.reader.replaceAll('_', '-');
  const known = names.map((one) => one.replaceAll('-', '_')).join(', ');
  const unknown = { problem: `reader ${source.reader} does not exist`, mend: `Readers are ${known}.` };
  if (!names.includes(name)) return { reader: null, problems: [unknown] };
  const module: unknown = await import(new URL(`${name}.ts`, folder).href);
  if (!exportsReader(module))
    throw new Error(`activities/extract/${name}.ts exports no reader with check and extract.`);
  return { reader: module.reader, problems: module.reader.check(source) };
}

function exportsReader(module: unknown): module is { readonly reader: Reader } {
  if (typeof module !== 'object' || module === null || !('reader' in module)) return false;
  const { reader } = module;
  return typeof reader === 'object' && reader !== null && 'check' in reader && 'extract' in reader;
}
