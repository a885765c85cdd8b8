import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The repository's root: all file names below are from there. */
const root = path.resolve(import.meta.dirname, '..');
const PAGES = 'docs/expectations';

/** The text of `registry.gen.ts` for the files that are in `types/` now. */
export function registryText(): string {
  const names = readdirSync(path.join(root, 'expectations/types'))
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

/** What is made from the kinds of the registry, by file name: the catalogue's pages and the JSON Schemas of suites, headers and routing files. */
export async function generatedFiles(): Promise<Readonly<Record<string, string>>> {
  // Only now: the registry may have been written a moment ago.
  const { expectationTypes } = await import('./registry.gen.ts');
  const { cataloguePages } = await import('./generate/catalogue.ts');
  const { jsonText } = await import('./json-text.ts');
  const { suiteSchema } = await import('./generate/suite-schema.ts');
  const { editorSchema } = await import('../models/header-schema.ts');
  const { notifySchema } = await import('../workers/notify/schema.ts');
  const { notifierTypes } = await import('../activities/notifiers/notifier-types.ts');
  const pages = Object.entries(cataloguePages(expectationTypes));
  return {
    ...Object.fromEntries(pages.map(([name, text]) => [`${PAGES}/${name}`, text])),
    'expectations/suite.schema.json': `${jsonText(suiteSchema(expectationTypes))}\n`,
    'models/header.schema.json': `${JSON.stringify(editorSchema(), null, 2)}\n`,
    'infra/notify.schema.json': `${JSON.stringify(notifySchema(await notifierTypes()), null, 2)}\n`,
  };
}

/** Files of the catalogue that are there now: one of a kind that went away has to go too. */
export function cataloguedFiles(): readonly string[] {
  return readdirSync(path.join(root, PAGES)).map((name) => `${PAGES}/${name}`);
}

if (import.meta.main) {
  writeFileSync(path.join(root, 'expectations/registry.gen.ts'), registryText());
  const files = await generatedFiles();
  rmSync(path.join(root, PAGES), { recursive: true, force: true });
  mkdirSync(path.join(root, PAGES), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(root, file), text);
}
