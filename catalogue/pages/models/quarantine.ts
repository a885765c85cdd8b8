import { html } from '../../html.ts';
import type { Part } from '../../html.ts';
import { command } from '../../parts/command.ts';
import { notice } from '../../parts/notice.ts';
import { countText, momentText } from '../../parts/texts.ts';
import { MOST_COUNTED, readSetAside } from '../../read/set-aside.ts';
import type { AboutModel } from './about-model.ts';

/** What of a model waits in quarantine, and how to look at it; null where nothing does. */
export async function quarantineNotice({ model, site }: AboutModel): Promise<Part> {
  const { records, rows, expiresAt } = await readSetAside(site, model);
  if (records + rows === 0) return null;
  return notice('warn', [
    html`<p>
      In quarantine:
      ${[counted(records, 'record', 'records', 'that never became rows'), counted(rows, 'row', 'rows', 'that a gate set aside')].filter((one) => one !== null).join(', ')}.
      ${expiresAt === null ? null : html`The first of them expires ${momentText(expiresAt, site.at)}.`}
    </p>`,
    command(
      `npm run weir -- quarantine list --${model.kind === 'source' ? 'source' : 'model'} ${model.name}`,
    ),
  ]);
}

function counted(count: number, one: string, many: string, what: string): string | null {
  if (count === 0) return null;
  return `${count >= MOST_COUNTED ? 'more than ' : ''}${countText(count, one, many)} ${what}`;
}
