import { cutDedupKey } from '../page/dedup-key.ts';
import type { Json, Notifier, NotifierType, PageEvent, PageLink } from './notifier.ts';
import { checkedUrl, postJson } from './post-json.ts';

/** @see https://docs.slack.dev/reference/block-kit/blocks/section-block (3,000 characters of text, 50 blocks a message) */
const SECTION_LENGTH = 3_000;
const DETAIL_SECTIONS = 8;
const DETAIL_LENGTH = 2_800;
const LINKS = 10;
const URL_LENGTH = 1_000;
/** @see https://docs.slack.dev/reference/methods/chat.postMessage (`text` is best kept to 4,000 characters) */
const FALLBACK_LENGTH = 2_000;

export interface SlackSettings {
  /** The address of an incoming webhook. A secret: whoever knows it can post. */
  readonly url: string;
  /** What the receiver is called. Default `slack`. */
  readonly name?: string;
  /** How long one attempt may take, milliseconds. Default 10 s. */
  readonly timeoutMs?: number;
}

/** A channel of Slack. */
export const notifierType: NotifierType = {
  description: 'Writes to a channel of Slack through an incoming webhook: one message an event.',
  secrets: { url: 'the address of the incoming webhook, https://hooks.slack.com/services/…' },
  create: ({ name, secrets }) => createSlack({ name, url: secrets['url'] ?? '' }),
};

/**
 * Tells a channel of Slack, by one message an event.
 *
 * @throws Error when the address is none (it is not shown).
 */
export function createSlack({ url, name = 'slack', timeoutMs }: SlackSettings): Notifier {
  checkedUrl('The address of the Slack webhook', url);
  return {
    name,
    send: (event, { signal: cancelled }) =>
      postJson({
        service: 'Slack',
        url,
        timeoutMs,
        cancelled,
        dedupKey: event.dedupKey,
        body: JSON.stringify(toSlack(event)),
        read: readAnswer,
      }),
  };
}

/** Slack says `ok`, or a word like `invalid_payload`. @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors */
function readAnswer(status: number, text: string) {
  const word = /^[a-z_]{2,60}$/.exec(text.trim())?.[0] ?? null;
  return { isOwn: word !== null, isTaken: status === 200 && word === 'ok', said: word };
}

/** The event as a message, cut to Slack's limits; what looks like a mention or a link of Slack's is plain text. */
export function toSlack(event: PageEvent) {
  const heading = `${headingOf(event)} · `;
  const links = event.links.filter(({ href }) => href.length <= URL_LENGTH).slice(0, LINKS);
  return {
    text: escaped(`${heading}${event.summary}`, FALLBACK_LENGTH),
    // Its own pictures of links would bury the message.
    unfurl_links: false,
    blocks: [
      section(`*${heading}*${escaped(event.summary, SECTION_LENGTH - heading.length - 2)}`),
      ...detailTexts(event).map(section),
      ...(links.length === 0 ? [] : [section(cutLinks(links))]),
      {
        type: 'context',
        elements: [
          { type: 'mrkdwn', text: escaped(`${event.timestamp} · ${cutDedupKey(event.dedupKey)}`, 1_900) },
        ],
      },
    ],
  };
}

function headingOf({ action, severity }: PageEvent): string {
  const words = {
    trigger: severity,
    update: `${severity}, update`,
    resolve: 'resolved',
    change: 'for your information',
  };
  return words[action].toUpperCase();
}

function section(text: string) {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

/** Details a line each, as many as fit; a notice says where some are missing. */
function detailTexts({ action, details }: PageEvent): readonly string[] {
  // Who is told that it is good again needs no page to scroll through.
  if (action === 'resolve') return [];
  const texts: string[] = [];
  let text = '';
  for (const [name, value] of Object.entries(details)) {
    const line = `*${escaped(name.replaceAll('_', ' '), 100)}*: ${escaped(valueText(value), DETAIL_LENGTH)}\n`;
    if (text.length + line.length > SECTION_LENGTH) {
      texts.push(text);
      text = '';
    }
    if (texts.length === DETAIL_SECTIONS) return [...texts, 'There is more: the whole stands with the run.'];
    text += line;
  }
  return text === '' ? texts : [...texts, text];
}

/** A line an entry of a list. What is to be copied stands as it is: JSON within JSON could not be pasted. */
function valueText(value: Json): string {
  if (Array.isArray(value)) return value.map((one: Json) => `\n• ${entryText(one)}`).join('');
  return entryText(value);
}

function entryText(value: Json): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, one]) => [name, entryText(one)] as const);
  const words = fields.filter(([name]) => !COPIED.includes(name)).map(([, text]) => text);
  const copied = fields.filter(([name]) => COPIED.includes(name)).map(([, text]) => `\n\`${text}\``);
  return words.join(' · ') + copied.join('');
}

/** Fields of what to press that are pasted somewhere. */
const COPIED: readonly string[] = ['json', 'command'];

function cutLinks(links: readonly PageLink[]): string {
  const texts = links.map(
    ({ href, text }) => `<${linkTarget(href)}|${escaped(text.replaceAll('|', '/'), 100)}>`,
  );
  while (texts.join(' · ').length > SECTION_LENGTH) texts.pop();
  return texts.join(' · ');
}

function linkTarget(href: string): string {
  return href.replaceAll('&', '&amp;').replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E');
}

/** Text as Slack shows it, at most so long once escaped. @see https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escaped(text: string, length: number): string {
  let kept = '';
  for (const character of text) {
    const next = ENTITIES[character] ?? character;
    if (kept.length + next.length > length - 1) return `${kept}…`;
    kept += next;
  }
  return kept;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
