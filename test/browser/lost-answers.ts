import type { Page, Route } from 'playwright-core';

const SCHEDULE = /\/api\/v1\/namespaces\/[^/]+\/schedules\/[^/?]+(\?.*)?$/;

/** The server's own second look for a lost answer comes after 5 s. */
const PATIENCE_MS = 8_000;
const TRIES = 4;

/**
 * Asks for a schedule again whose answer does not come, as a person does who loads the page again: Temporal's server
 * loses one in some hundred (`workers/ask-again.ts`), and its UI waits half a minute and shows nothing.
 */
export async function askAgainFor(page: Page): Promise<void> {
  await page.route(SCHEDULE, async (route) => {
    if (route.request().method() !== 'GET') return route.fallback();
    for (let tries = 1; tries < TRIES; tries += 1) {
      const response = await answer(route);
      if (response !== null) return route.fulfill({ response });
    }
    return route.continue();
  });
}

async function answer(route: Route): Promise<Awaited<ReturnType<Route['fetch']>> | null> {
  try {
    return await route.fetch({ timeout: PATIENCE_MS });
  } catch {
    return null;
  }
}
