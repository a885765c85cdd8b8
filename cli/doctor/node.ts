import { broken, ok, warning, type Check } from './check.ts';

/** The first that runs TypeScript as it is without a flag. @see https://nodejs.org/api/typescript.html */
const LEAST = [22, 18] as const;
/** What package.json brings. */
const USUAL = 24;

/** Whether this process runs on a Node that Weir runs on. */
export const node: Check = {
  name: 'node',
  run: () => [nodeFinding(process.versions.node)],
};

/** @param version as Node says it: `24.21.0`. */
export function nodeFinding(version: string) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const mend = 'start it as `npm run weir -- …`, which brings its own Node';
  if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1]))
    return broken(`Node ${version}, and Weir needs ${LEAST.join('.')} or later`, mend);
  if (major < USUAL) return warning(`Node ${version}; tests run on ${USUAL}`, mend);
  return ok(`Node ${version}`);
}
