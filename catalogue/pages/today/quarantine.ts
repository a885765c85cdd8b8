import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { command } from '../../parts/command.ts';
import { section } from '../../parts/section.ts';
import { table } from '../../parts/table.ts';
import { countText, momentText } from '../../parts/texts.ts';
import { MOST_COUNTED } from '../../read/set-aside.ts';
import type { WaitingQuarantine } from '../../read/waiting-quarantine.ts';
import type { Site, To } from '../../site.ts';

/** What was set aside and waits to be mended: how much, and never what. */
export function quarantineSection(site: Site, to: To, waiting: readonly WaitingQuarantine[]): Html {
  return section(
    'Quarantine',
    'quarantine',
    html`${table({
      caption: 'What waits to be mended and released; what nobody releases is deleted',
      head: ['Of', 'Waiting', 'Oldest', 'First one deleted'],
      rows: waiting.map((one) => rowOf(site, to, one)),
      none: 'Nothing waits.',
      narrow: [2],
    })}
    ${waiting.length === 0 ? null : command('npm run weir -- quarantine list')}`,
  );
}

function rowOf(
  site: Site,
  to: To,
  { name, what, waiting, oldest, expiresAt }: WaitingQuarantine,
): readonly Part[] {
  return [
    html`<a href="${to('models', name)}">${name}</a>`,
    what === 'records'
      ? `${counted(waiting, 'record', 'records')} that never became ${waiting === 1 ? 'a row' : 'rows'}`
      : `${counted(waiting, 'row', 'rows')} that a gate set aside`,
    momentText(oldest, site.at),
    momentText(expiresAt, site.at),
  ];
}

function counted(count: number, one: string, many: string): string {
  return `${count >= MOST_COUNTED ? 'at least ' : ''}${countText(count, one, many)}`;
}
