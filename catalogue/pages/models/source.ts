import { isSource } from '../../../models/model.ts';
import { deltaReaders, wholeReaders } from '../../../models/readers.ts';
import type { SourceModel } from '../../../models/model.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { factList } from '../../parts/fact-list.ts';
import { notice } from '../../parts/notice.ts';
import { section } from '../../parts/section.ts';
import { table } from '../../parts/table.ts';
import { clockText, countText, momentText, numberText, spanText } from '../../parts/texts.ts';
import { readDeliveryHistory } from '../../read/delivery-history.ts';
import { readLastLoads } from '../../read/last-loads.ts';
import type { LoadLine } from '../../read/last-loads.ts';
import type { LoadHistory } from '../../read/load-history.ts';
import { readSourceArrivals } from '../../read/source-arrivals.ts';
import type { Delivery, Drift, SourceArrivals } from '../../read/source-arrivals.ts';
import type { Site } from '../../site.ts';
import type { AboutModel } from './about-model.ts';
import { bytesText } from './header-facts.ts';
import { rowsFigure } from './rows-figure.ts';
import type { RowWords } from './rows-figure.ts';
import { settingText } from './secrets.ts';

/** How a source is read, and what came of it; null of a model. */
export async function sourceSection({ model, site }: AboutModel): Promise<Html | null> {
  if (!isSource(model)) return null;
  const arrivals = await readSourceArrivals(site, model);
  const { at } = site;
  return section('Source', 'source', [
    driftNotices(arrivals.drifts, at),
    factList([
      ['reader', html`<code>${model.reader}</code>`],
      ...settingFacts(model),
      [
        'kept',
        model.retention === null
          ? 'for ever'
          : `${model.retention.days} days, once every load has passed them`,
      ],
      ...(arrivals.readAt === null ? [] : [['read last', momentText(arrivals.readAt, at)] as const]),
      ['silence', silence(arrivals, at)],
    ]),
    await cameOf(site, model, arrivals),
    pastDrifts(arrivals.drifts, at),
  ]);
}

/** What files brought; of what is read from another database, what its readers found there. */
async function cameOf(site: Site, model: SourceModel, { deliveries }: SourceArrivals): Promise<Part> {
  const [reader] = [
    ...deltaReaders(site.repository.graph, model.name),
    ...wholeReaders(site.repository.graph, model.name),
  ];
  if (typeof model.settings['folder'] !== 'string' && reader !== undefined)
    return foundBy(reader, await readLastLoads(site, reader, 10), site.at);
  const history = await readDeliveryHistory(site, model.name);
  const words: RowWords = { inserted: 'landed', 'set aside': 'rejected' };
  const last = deliveriesTable(deliveries, site.at);
  return [last, rowsFigure(history, site.at, { table: broughtTable(history, site.at), words })];
}

function deliveriesTable(deliveries: readonly Delivery[], at: Date): Html {
  return table({
    caption: 'The last deliveries, newest first',
    head: ['Arrived', 'File', 'Revision', 'Rows', 'Rejected', 'Size'],
    rows: deliveries.map((one) => [
      momentText(one.at, at),
      one.file,
      one.revision === 1 ? '1' : html`<strong>${one.revision}</strong>`,
      numberText(one.rows),
      one.rejected === 0 ? '–' : html`<strong>${numberText(one.rejected)}</strong>`,
      bytesText(one.bytes),
    ]),
    none: 'No file has landed yet.',
    narrow: [2, 5],
  });
}

function broughtTable({ buckets }: LoadHistory, at: Date): Html {
  return table({
    caption: 'What files brought, the latest stretches',
    head: ['From', 'Files', 'Rows', 'Rejected'],
    rows: buckets
      .slice(-24)
      .toReversed()
      .map((one) => [
        clockText(one.from, at),
        one.published,
        numberText(one.inserted),
        numberText(one.setAside),
      ]),
    none: 'Nothing.',
  });
}

function foundBy(reader: string, loads: readonly LoadLine[], at: Date): Html {
  return table({
    caption: `What ${reader} found in it, newest first`,
    head: ['Opened', 'Rows read', 'Rows new or changed', 'State'],
    rows: loads.map(({ openedAt, rowsRead, inserted, updated, state }) => [
      momentText(openedAt, at),
      rowsRead === null ? '–' : numberText(rowsRead),
      inserted === null ? '–' : numberText(inserted + (updated ?? 0)),
      state,
    ]),
    none: 'Nobody has read it yet.',
  });
}

function settingFacts({ settings }: SourceModel): readonly (readonly [string, Part])[] {
  return Object.entries(settings).map(([name, value]) => [
    name,
    html`<code>${settingText(name, value)}</code>`,
  ]);
}

function silence({ rhythm, silentSince }: SourceArrivals, at: Date): Part {
  if (rhythm === null) return 'cannot be told: only its state is read';
  const { lastArrival, silent, weeks, heard } = rhythm;
  const usual =
    weeks === 0
      ? 'not known for a week yet'
      : `at this hour of the week it had spoken in ${heard} of ${countText(weeks, 'week', 'weeks')}`;
  if (silentSince !== null)
    return html`<strong>silent since ${momentText(silentSince, at)}</strong>; ${usual}`;
  if (lastArrival === null) return 'nothing has come yet';
  const quiet = spanText((at.getTime() - lastArrival.getTime()) / 1000);
  return `${silent ? 'silent' : 'quiet'} for ${quiet}; ${usual}`;
}

function driftNotices(drifts: readonly Drift[], at: Date): Part {
  return drifts
    .filter(({ clearedAt }) => clearedAt === null)
    .map(({ column, problem, mend, since }) =>
      notice('bad', [
        html`<p>
          <strong>It is not what its header says</strong> since ${momentText(since, at)}:
          ${column === null ? null : html`<code>${column}</code> `}${problem}.
        </p>`,
        html`<p>${mend}</p>`,
      ]),
    );
}

function pastDrifts(drifts: readonly Drift[], at: Date): Part {
  const past = drifts.flatMap((one) =>
    one.clearedAt === null ? [] : [{ ...one, clearedAt: one.clearedAt }],
  );
  if (past.length === 0) return null;
  return table({
    caption: 'When it was not what its header says',
    head: ['Since', 'Column', 'What', 'Cleared'],
    rows: past.map(({ since, column, problem, clearedAt }) => [
      momentText(since, at),
      column ?? '–',
      problem,
      momentText(clearedAt, at),
    ]),
    none: 'Never.',
  });
}
