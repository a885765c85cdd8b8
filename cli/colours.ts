import { createColors } from 'picocolors';

/**
 * Whether text to standard output is coloured: on a terminal that knows colours, where `NO_COLOR` is not set, and
 * wherever `FORCE_COLOR` asks for it (`0` and `false` ask for none).
 *
 * @see https://no-color.org and https://nodejs.org/api/cli.html#force_color-1-2-3
 */
export function wantsColour(env: NodeJS.ProcessEnv, onTerminal: boolean | undefined): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return onTerminal === true && env['TERM'] !== 'dumb';
}

/** Whether this process colours what it answers. */
export const inColour = wantsColour(process.env, process.stdout.isTTY);

/** Colours of what a verb answers; texts as they are where none are wanted. */
export const colours = createColors(inColour);
