import { grantsOf } from '../../../activities/deploy/grants.ts';
import { qualified } from '../../../models/relation-name.ts';
import type { Model } from '../../../models/model.ts';
import { html } from '../../html.ts';
import type { Html } from '../../html.ts';
import { section } from '../../parts/section.ts';
import { table } from '../../parts/table.ts';
import type { PublishedRelation, Reader } from '../../read/published-relation.ts';
import type { AboutModel } from './about-model.ts';

/** Who may read a model's relation: as Postgres has it, or as a deploy will grant it. */
export function readersSection({ model }: AboutModel, relation: PublishedRelation | null): Html {
  const readers = relation?.readers ?? readersToCome(model);
  const personal = Object.values(model.columns).filter((column) => column.personal).length;
  return section('Who may read it', 'readers', [
    table({
      caption:
        relation === null
          ? 'As its deploy will grant it'
          : 'As Postgres has granted it; administrators beside them',
      head: ['Role', 'Why'],
      rows: readers.map((reader) => [html`<code>${reader.role}</code>`, why(reader)]),
      none: 'Nobody but its owner.',
    }),
    personal === 0
      ? null
      : html`<p class="none">
          ${personal} of its columns ${personal === 1 ? 'is' : 'are'} personal: no value or aggregate of them
          leaves the database.
        </p>`,
  ]);
}

const logins: Readonly<Record<string, string>> = {
  weir_analytics_reader: 'Weir’s login for readers: gold and semantic only',
  weir_loader: 'Weir: lands and stages',
  weir_publisher: 'Weir: the only one that publishes',
  weir_validator: 'Weir: gates ask with it, it may only read',
  weir_migrator: 'Weir: makes and changes tables',
  weir_result_reader: 'Weir’s login for failing rows',
};

function why({ role, byHeader, owns, reaches }: Reader): string {
  const granted =
    logins[role] ??
    (byHeader
      ? 'its header says so'
      : owns
        ? 'owns it'
        : role === 'PUBLIC'
          ? 'everybody: granted by hand'
          : 'granted by hand');
  return reaches ? granted : `${granted}, but not the schema: it cannot`;
}

function readersToCome(model: Model): readonly Reader[] {
  const table = qualified(model.layer, model.name);
  const weir = grantsOf(model)
    .filter(([what, on]) => on === table && what.includes('select'))
    .flatMap(([, , to]) => to.split(', '));
  return [
    ...model.grants.map((role) => ({ role, reaches: true, byHeader: true, owns: false })),
    ...weir.toSorted().map((role) => ({ role, reaches: true, byHeader: false, owns: false })),
  ];
}
