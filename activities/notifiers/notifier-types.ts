import { readdir } from 'node:fs/promises';
import type { NotifierType } from './notifier.ts';

const folder = new URL('./', import.meta.url);

/**
 * The kinds of notifier by the names that the routing file calls them by, each a file of this folder that exports
 * `notifierType`: a new one is one new file.
 */
export async function notifierTypes(): Promise<ReadonlyMap<string, NotifierType>> {
  const names = (await readdir(folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3));
  const modules = await Promise.all(
    names.map(async (name) => {
      const module: unknown = await import(new URL(`${name}.ts`, folder).href);
      return exportsNotifier(module) ? ([[name, module.notifierType]] as const) : [];
    }),
  );
  return new Map(modules.flat().toSorted(([one], [other]) => one.localeCompare(other)));
}

function exportsNotifier(module: unknown): module is { readonly notifierType: NotifierType } {
  if (typeof module !== 'object' || module === null || !('notifierType' in module)) return false;
  const { notifierType } = module;
  return typeof notifierType === 'object' && notifierType !== null && 'create' in notifierType;
}
