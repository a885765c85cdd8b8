import type { CataloguePage } from '../../../infra/demo/readings/catalogue.ts';
import { verdictId } from './told-story.ts';

/** The catalogue as a visitor would have it, as far as the claims look. */
export function pretendedPage(path: string, isHeld: boolean): CataloguePage {
  const why = { text: 'Why it is held, and what to press', path: `/gates/${verdictId}.html` };
  if (path === why.path)
    return {
      text: 'transaction_id unique store_id present store_id one of 457 known values total_amount between 0 and 1',
      links: [],
      sections: {},
    };
  const holds = { text: '4 of 8 promises broken reloaded by the demo', links: [{ ...why, text: '4 of 8' }] };
  const held = { text: '4 of 8 promises broken', links: [why] };
  return isHeld
    ? { text: 'stg_transactions is held', links: [why], sections: { held, holds } }
    : { text: 'Everything is all right', links: [], sections: { holds } };
}
