import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { PreparedGuide, PrepareGuide } from './guide.ts';

/** The models of the guide instead of the shipped ones; no suite is named in them. */
export const prepare: PrepareGuide = async ({ folder }): Promise<PreparedGuide> => {
  const suites = path.join(folder, 'suites');
  mkdirSync(suites);
  return { env: { WEIR_MODELS_FOLDER: path.join(folder, 'models'), WEIR_SUITES_FOLDER: suites } };
};
