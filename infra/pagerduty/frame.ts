import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d8dbe0, #3a3f47); --soft: light-dark(#f4f5f7, #1f2329);
  --dim: light-dark(#5b6470, #9aa4b1); --red: light-dark(#b3261e, #ff8a80); --green: light-dark(#1b6e3a, #7bd89a);
  --amber: light-dark(#8a5a00, #ffc46b); --blue: light-dark(#0b57b0, #8ab8ff); }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 68rem; padding: 1rem;
  background: light-dark(#fff, #14171b); color: light-dark(#1a1d21, #e8eaed); overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: .25rem 0 .5rem; } h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
h2::first-letter, th::first-letter, dt::first-letter { text-transform: uppercase; }
a { color: var(--blue); } .dim, time + .ago { color: var(--dim); } .dim { font-size: .9rem; }
.card { border: 1px solid var(--line); border-left: .35rem solid var(--line); border-radius: .4rem; padding: .7rem .9rem;
  margin: .6rem 0; display: block; color: inherit; text-decoration: none; }
.card.triggered { border-left-color: var(--red); } .card.acknowledged { border-left-color: var(--amber); }
.card.resolved { border-left-color: var(--green); }
.card > strong { display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; }
.tag { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem; font-size: .8rem;
  font-weight: 600; } .triggered .tag.state, .tag.critical, .tag.error { color: var(--red); }
.acknowledged .tag.state, .tag.warning { color: var(--amber); } .resolved .tag.state { color: var(--green); }
.tag.info { color: var(--blue); }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; } .actions form { display: contents; }
.button { border: 1px solid var(--blue); border-radius: .4rem; padding: .45rem .9rem; text-decoration: none; font: inherit;
  background: none; color: var(--blue); cursor: pointer; }
.actions > .button:first-child { background: var(--blue); color: light-dark(#fff, #14171b); }
dl { display: grid; grid-template-columns: 11rem 1fr; margin: .6rem 0; border-top: 1px solid var(--line); }
dt, dd { margin: 0; padding: .35rem .5rem; border-bottom: 1px solid var(--line); } dt { color: var(--dim); }
dd ul, dd dl { margin: 0; } dd ul { padding-left: 1.2rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; overflow-wrap: normal; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .5rem; text-align: left; vertical-align: top; }
th { color: var(--dim); font-weight: 600; } .wide { overflow-x: auto; }
code { font: .86rem/1.45 ui-monospace, monospace; white-space: pre-wrap; user-select: all; flex: 1; min-width: 0; }
.code { display: flex; gap: .5rem; align-items: start; background: var(--soft); border: 1px solid var(--line);
  border-radius: .3rem; padding: .35rem .5rem; margin: .35rem 0; }
.copy { font: .8rem system-ui, sans-serif; border: 1px solid var(--line); border-radius: .3rem; padding: .2rem .6rem;
  background: none; color: var(--blue); cursor: pointer; }
ol.log { padding-left: 1.2rem; } ol.log li { margin: .5rem 0; } summary { cursor: pointer; color: var(--blue); }
@media (max-width: 40rem) { body { padding: .7rem; } dl { grid-template-columns: 1fr; } dt { border-bottom: 0; padding-bottom: 0; }
  dd { padding-top: 0; } table, tbody, tr, td { display: block; } thead { display: none; }
  tr { border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .2rem; margin: .5rem 0; }
  td { border: 0; padding: .1rem .5rem; } td::before { content: attr(data-name) ' '; color: var(--dim); font-size: .85rem; } }
`;

/** A press on *Copy* takes the text beside it, and says so. Without scripts a click on the text selects all of it. */
const SCRIPT = `
document.addEventListener('click', (event) => {
  const button = event.target.closest('button.copy');
  if (!button) return;
  const code = button.parentElement.querySelector('code');
  getSelection().selectAllChildren(code);
  navigator.clipboard.writeText(code.textContent).then(
    () => { button.textContent = 'Copied'; }, () => { button.textContent = 'Selected'; });
});
`;

/** Nothing but our own style and script may load or run, whatever an event carries, and forms lead only here. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src '${hashOf(STYLE)}'`,
  `script-src '${hashOf(SCRIPT)}'`,
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** A whole page. @param body HTML; @param head HTML for its head */
export function framed(title: string, body: string, head = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">${head}
<title>${escape(title)}</title><style>${STYLE}</style></head><body>${body}<script>${SCRIPT}</script></body></html>`;
}

/** Text as HTML, in an element or in a quoted attribute. */
export function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
