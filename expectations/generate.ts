import { readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const typesFolder = fileURLToPath(new URL('types/', import.meta.url));
const registryFile = fileURLToPath(new URL('registry.gen.ts', import.meta.url));

/** The text of `registry.gen.ts` for the files that are in `types/` now. */
export function registryText(): string {
  const names = readdirSync(typesFolder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
  return [
    '// Made by `npm run gen` from the files of expectations/types. Not for editing.',
    "import type { ExpectationType } from './define-expectation.ts';",
    ...names.map((name) => `import ${name} from './types/${name}.ts';`),
    '',
    '/** Every kind of promise, by its name in Great Expectations. */',
    'export const expectationTypes = {',
    ...names.map((name) => `  ${name},`),
    '} as const satisfies Readonly<Record<string, ExpectationType>>;',
    '',
    '/** Name of a kind of promise. */',
    'export type ExpectationName = keyof typeof expectationTypes;',
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(registryFile, registryText());
