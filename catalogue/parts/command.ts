import { html } from '../html.ts';
import type { Html } from '../html.ts';

/** A command or JSON to copy as it is; a button for it comes where scripts run. */
export function command(text: string): Html {
  return html`<div class="command">
    <pre tabindex="0"><code>${text}</code></pre>
  </div>`;
}
