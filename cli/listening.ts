import { Failure } from './exit-codes.ts';

/** What whoever listens elsewhere than on this machine has to say about it. */
export interface Open {
  /** `read every payload`. */
  readonly danger: string;
  /** What else than a proxy keeps others out, as an imperative: `set WEIR_CODEC_TOKEN`; null where nothing does. */
  readonly otherwise: string | null;
  /** Whether that is so, or a proxy is. */
  readonly isGuarded: boolean;
}

/** What `--behind-proxy` says of itself. */
export const BEHIND_PROXY = 'a proxy before it asks who somebody is';

/**
 * Refuses to listen where others than those of this machine reach it, unless somebody says what keeps them out.
 *
 * @throws Failure (3)
 */
export function refuseOpen(host: string, { danger, otherwise, isGuarded }: Open): void {
  if (isGuarded || isOfThisMachine(host)) return;
  const other = otherwise === null ? '' : `${otherwise}, or `;
  throw new Failure(
    `on ${host} everybody who reaches it could ${danger}: ${other}say --behind-proxy where one asks who they are`,
  );
}

function isOfThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** @throws Failure (3) for what is no port. */
export function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Failure(`--port is ${JSON.stringify(text)}: give a port from 1 to 65535, or 0 for a free one`);
}
