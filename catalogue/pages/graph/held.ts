import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { stateMark } from '../../parts/marks.ts';
import { notice } from '../../parts/notice.ts';
import { countText, momentText, numberText } from '../../parts/texts.ts';
import { modelLinks } from '../../parts/model-links.ts';
import { verdictLinks } from '../../verdict-links.ts';
import type { To } from '../../site.ts';
import type { GraphLook } from './look.ts';

/** What holds each of some held models, and everything that waits behind it. */
export function heldNotices(look: GraphLook, held: readonly string[]): Part {
  return held.map((name) => heldNotice(look, name));
}

/** More would push the drawing off the screen; the list of models has them all. */
const MOST_NAMED = 12;

/** Which of some models failed or are late, in a line each, but for those that a held gate explains; nothing where none is. */
export function troubleNotice(
  { to, states }: Pick<GraphLook, 'to' | 'states'>,
  names: readonly string[],
): Part {
  const troubled = (['failed', 'late'] as const).flatMap((state) => {
    const found = names.filter((name) => {
      const one = states.get(name);
      return one?.state === state && one.waitingBehind.length === 0;
    });
    return found.length === 0
      ? []
      : [
          html`<p>
            ${stateMark(state)}:
            ${found.slice(0, MOST_NAMED).map((name, index) => [index === 0 ? null : ', ', html`<a href="${to('models', name)}">${name}</a>`])}${moreWords(to, found.length - MOST_NAMED)}
          </p>`,
        ];
  });
  return troubled.length === 0 ? null : notice('warn', troubled);
}

function moreWords(to: To, more: number): Part {
  return more <= 0 ? null : html` and <a href="${to('models')}">${numberText(more)} more</a>`;
}

function heldNotice(look: GraphLook, name: string): Html | null {
  const { site, to, states, behind } = look;
  const standing = states.get(name);
  if (standing === undefined) return null;
  const { since, why, verdictId } = standing;
  const gate = verdictId === null ? null : verdictLinks(site, to)(verdictId);
  const waiting = behind.get(name) ?? [];
  return notice('bad', [
    html`<p>
      ${stateMark('held')} <a href="${to('models', name)}">${name}</a>${
        since === null ? null : html` since ${momentText(since, site.at)}`
      }:
      ${why}. ${gate === null ? null : html`<a href="${gate}">Gate run: what broke, and what to press</a>`}
    </p>`,
    waiting.length === 0
      ? html`<p>Nothing waits behind it.</p>`
      : html`<p>
          ${stateMark('waiting')} ${countText(waiting.length, 'model waits', 'models wait')} behind it:
          ${modelLinks(to, states, waiting)}
        </p>`,
  ]);
}
