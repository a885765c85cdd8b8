import { resolve } from 'node:path';
import { measureMinutes } from './minutes.ts';
import type { PagesBenchOptions } from './options.ts';
import { guardedModels } from './repository.ts';
import type { Measured } from './rows.ts';
import { openPagesSite } from './site.ts';
import { measureVerdicts, WARM_UP } from './verdicts.ts';

/** The options, and where everything is kept. */
export interface MeasureOptions extends Pick<PagesBenchOptions, 'parts' | 'gates' | 'files'> {
  readonly home: string;
  readonly onProgress: (line: string) => void;
}

/** Measures what was asked for, one after the other, each on servers that have done nothing yet; a part that breaks stops no other. */
export async function measure(measured: Measured, options: MeasureOptions): Promise<void> {
  const { parts, gates, files, onProgress } = options;
  const home = resolve(options.home, 'bench-pages');
  const work = [
    { part: 'verdicts', models: guardedModels('hourly', gates + WARM_UP), of: measureVerdicts },
    { part: 'minutes', models: guardedModels('minute', files), of: measureMinutes },
  ] as const;
  for (const { part, models, of } of work) {
    if (!parts.has(part)) continue;
    try {
      const site = await openPagesSite(home, models, onProgress);
      try {
        await of(site, models, measured, onProgress);
      } finally {
        await site.close();
      }
    } catch (error) {
      measured.missing.push(`${part}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
