import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { shareText } from '../parts/texts.ts';

const WIDTH = 96;
const HEIGHT = 10;

/**
 * What is left of what may go wrong in a month, as a bar that empties; overspent it is full of what was too much.
 *
 * @param left share; below 0 it is overspent, null: nothing may go wrong, and something did.
 */
export function budgetBar(left: number | null): Html {
  const share = Math.min(1, Math.abs(left ?? 1));
  const spent = left === null || left < 0;
  const colour = spent ? 'var(--failed)' : share < 0.25 ? 'var(--late)' : 'var(--fresh)';
  return html`<span class="budget"
    ><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true">
      <rect
        x="0.5"
        y="0.5"
        width="${WIDTH - 1}"
        height="${HEIGHT - 1}"
        rx="2"
        fill="none"
        stroke="var(--line)"
      />
      <rect
        x="1"
        y="1"
        width="${Math.round(share * (WIDTH - 2))}"
        height="${HEIGHT - 2}"
        rx="1.5"
        fill="${colour}"
      />
    </svg>
    ${budgetText(left)}</span
  >`;
}

/** `87.5 % left`, `overspent by 12 %`. */
export function budgetText(left: number | null): string {
  if (left === null) return 'overspent: nothing may go wrong';
  return left < 0 ? `overspent by ${shareText(-left)}` : `${shareText(left)} left`;
}
