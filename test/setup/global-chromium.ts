import type { TestProject } from 'vitest/node';
import { findChromium, type Chromium } from '../browser/chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** What the browser tests drive, or why they are skipped. */
    chromium: Chromium;
  }
}

/** Looks for Chromium once for the run. `npm test` has done so before, and says it in CHROMIUM_PATH. */
export default async function setUp(project: TestProject): Promise<void> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const chromium = await findChromium({ onProgress: say });
  if ('missing' in chromium) say(`The browser tests are skipped: ${chromium.missing}`);
  project.provide('chromium', chromium);
}
