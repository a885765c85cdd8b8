import { once } from 'node:events';
import type { Narrator } from './narrate.ts';

/** Says where to look while the gate is held, and waits for Enter. */
export async function lookAround(
  narrator: Narrator,
  { run, incidents, catalogue }: Readonly<Record<'run' | 'incidents' | 'catalogue', string>>,
): Promise<void> {
  narrator.say(`on-call sees: ${incidents} (its certificate is of its own making: let the browser go on)`);
  narrator.say(`held now: ${run}`);
  narrator.say(`why it is held, and what waits behind it: ${catalogue}`);
  narrator.say(
    'The source has delivered the hour again, mended. Decide from the incident or the run, whatever you find right,',
  );
  narrator.say(
    'or from a second terminal: npm run weir -- gate list, then gate rows VERDICT, gate reload VERDICT …',
  );
  narrator.say(
    'Left alone, the run finds the mended file by itself within five minutes. Press Enter when you have seen enough: the',
  );
  narrator.say('story goes on from there, and releases the run where nobody has.');
  process.stdin.resume();
  await once(process.stdin, 'data');
  process.stdin.pause();
}
