import type { BrowserContext } from 'playwright-core';

/** Counts every press of the mouse, in every tab and frame, as the browser itself sees it; keys are no clicks. */
export async function countClicks(context: BrowserContext): Promise<() => number> {
  let clicks = 0;
  await context.exposeBinding('weirClick', () => {
    clicks += 1;
  });
  await context.addInitScript(
    "addEventListener('mousedown', (event) => { if (event.isTrusted) globalThis.weirClick(); }, true);",
  );
  return () => clicks;
}
