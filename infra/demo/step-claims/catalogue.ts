import { spoiledHour } from '../plot.ts';
import type { CataloguePage } from '../readings/catalogue.ts';
import { byVisiting, type StoryClaim, type World } from '../world.ts';
import { heldVerdictId } from './held-gate.ts';
import { badScene } from './scenes.ts';

const FRONT = '/index.html';

/** The promises that the bad hour breaks, in the catalogue's words. */
const PROMISES: Readonly<Record<string, string>> = {
  expect_column_values_to_be_unique: 'transaction_id unique',
  expect_column_values_to_not_be_null: 'store_id present',
  expect_column_values_to_be_in_set: 'store_id one of',
  expect_column_values_to_be_between: 'total_amount between',
};

/** Step 4: whoever opens the catalogue sees that a gate holds, and is a click away from why. */
export const catalogueHeld: readonly StoryClaim[] = [
  {
    name: 'catalogue-names-the-hold',
    step: 4,
    says: "the catalogue's front page says what is held and how much of it broke, and leads to why",
    from: 'catalogue GET /index.html',
    expected: async (world) => ({
      held: 'stg_transactions is held',
      broken: spoiledHour(badScene(world)).broken.length,
      why: `/gates/${await heldVerdictId(world)}.html`,
    }),
    read: async (world) => {
      const { text, sections } = await world.catalogue(FRONT);
      return {
        held: /stg_transactions is held/.exec(text)?.[0] ?? 'nothing is said to be held',
        broken: Number(/(\d+) of \d+ promises broken/.exec(sections['held']?.text ?? '')?.[1] ?? 0),
        why: whyLink(sections['held']),
      };
    },
    falsify: byVisiting((page) => ({ ...page, text: page.text.replace('is held', 'is fresh') })),
  },
  {
    name: 'catalogue-names-the-troubles',
    step: 4,
    says: 'the page that it leads to names all four troubles',
    from: 'catalogue GET the link of the front page',
    expected: (world) => troublesOf(world),
    read: async (world) => {
      const front = await world.catalogue(FRONT);
      const { text } = await world.catalogue(whyLink(front.sections['held']));
      return troublesOf(world).filter((words) => text.includes(words));
    },
    falsify: byVisiting((page) => ({ ...page, text: page.text.replaceAll('transaction_id unique', '') })),
  },
];

/** Step 5: it is over, and still stands there. */
export const catalogueReleased: readonly StoryClaim[] = [
  {
    name: 'catalogue-remembers-the-hold',
    step: 5,
    says: 'the front page says that nothing is held, and still what was, and who let it go on',
    from: 'catalogue GET /index.html',
    expected: async (world) => ({
      heldNow: false,
      why: `/gates/${await heldVerdictId(world)}.html`,
      ended: `by ${world.notes.decisions.at(-1)?.by ?? 'itself'}`,
    }),
    read: async (world) => {
      const { sections } = await world.catalogue(FRONT);
      const holds = sections['holds'];
      const by = `by ${world.notes.decisions.at(-1)?.by ?? 'itself'}`;
      const why = `/gates/${await heldVerdictId(world)}.html`;
      return {
        heldNow: sections['held'] !== undefined,
        why: holds?.links.find(({ path }) => path === why)?.path ?? 'no link',
        ended: holds?.text.includes(by) === true ? by : 'nobody is named',
      };
    },
    falsify: byVisiting(({ sections: { holds: _holds, ...sections }, ...page }) => ({ ...page, sections })),
  },
];

function troublesOf(world: World): readonly string[] {
  return spoiledHour(badScene(world)).broken.map(({ expectation }) => PROMISES[expectation] ?? expectation);
}

function whyLink(held: CataloguePage['sections'][string] | undefined): string {
  return held?.links.find(({ text }) => text.startsWith('Why it is held'))?.path ?? 'no link';
}
