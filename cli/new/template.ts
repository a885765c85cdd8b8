import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A file of `templates/`, with the names in it replaced. @param names what stands there, and what is to. */
export function fromTemplate(file: string, names: Readonly<Record<string, string>>): string {
  const text = readFileSync(path.join(import.meta.dirname, 'templates', file), 'utf8');
  return Object.entries(names).reduce((all, [from, to]) => all.replaceAll(from, to), text);
}
