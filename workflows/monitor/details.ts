import type { Looked } from '../freshness-monitor.ts';
import { isoMinute } from '../progress/text.ts';

/** The Temporal server takes 20 kB of details. */
const BYTES = 18_000;

/** The monitor's current details, as Markdown for the Temporal UI: objectives, then what else is watched. */
export function monitorDetails(now: number, looked: readonly Looked[], isTelling: boolean): string {
  const failures = looked.flatMap(({ station, failure }) =>
    failure === null ? [] : [`- **${station} failed**: ${failure.replaceAll('\n', ' ')}`, ''],
  );
  const [sampled, watched] = looked;
  const watchedLines = watched === undefined || watched.lines.length === 0 ? ['nothing'] : watched.lines;
  return cut([
    `**WATCHING** · looked at ${isoMinute(now)}${isTelling ? ' · telling on-call' : ''}`,
    '',
    ...failures,
    ...(sampled?.lines ?? []),
    '',
    'Beside objectives:',
    '',
    ...watchedLines.map((line) => `- ${line}`),
  ]);
}

function cut(lines: readonly string[]): string {
  const encoder = new TextEncoder();
  const kept: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    bytes += encoder.encode(line).length + 1;
    if (bytes > BYTES) return [...kept, '', `… and ${lines.length - kept.length} lines more`].join('\n');
    kept.push(line);
  }
  return kept.join('\n');
}
