import { redactText } from '../../expectations/redact.ts';

/** A promise that did not hold, as `control.gate_run.broken` keeps it. */
export interface BrokenPromise {
  readonly severity: 'critical' | 'warning' | 'info';
  readonly column: string | null;
  /** `store_id present`: what was expected, in the words of its type. */
  readonly words: string;
}

const LOUDNESS = ['critical', 'warning', 'info'] as const;

/** Reads them, the loudest first. What another version wrote otherwise is taken for its words. */
export function readBroken(broken: readonly string[]): readonly BrokenPromise[] {
  const promises = broken.map((text): BrokenPromise => {
    const found = /^(critical|warning|info) ([^:]*): (.*)$/s.exec(text);
    const severity = LOUDNESS.find((one) => one === found?.[1]) ?? 'critical';
    const column = found?.[2] ?? '';
    return { severity, column: column === '' ? null : column, words: redactText(found?.[3] ?? text) };
  });
  return promises.toSorted((a, b) => LOUDNESS.indexOf(a.severity) - LOUDNESS.indexOf(b.severity));
}
