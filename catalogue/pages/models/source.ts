import { redactText } from '../../../expectations/redact.ts';
import { isSource } from '../../../models/model.ts';
import type { SourceModel } from '../../../models/model.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { factList } from '../../parts/fact-list.ts';
import { notice } from '../../parts/notice.ts';
import { section } from '../../parts/section.ts';
import { table } from '../../parts/table.ts';
import { countText, momentText, numberText, spanText } from '../../parts/texts.ts';
import { readSourceArrivals } from '../../read/source-arrivals.ts';
import type { Drift, SourceArrivals } from '../../read/source-arrivals.ts';
import type { AboutModel } from './about-model.ts';
import { bytesText } from './header-facts.ts';

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
      ...(arrivals.readOnAt === null ? [] : [['read on', momentText(arrivals.readOnAt, at)] as const]),
      ['silence', silence(arrivals, at)],
    ]),
    table({
      caption: 'The last deliveries, newest first',
      head: ['Arrived', 'File', 'Revision', 'Rows', 'Rejected', 'Size'],
      rows: arrivals.deliveries.map((one) => [
        momentText(one.at, at),
        one.file,
        one.revision === 1 ? '1' : html`<strong>${one.revision}</strong>`,
        numberText(one.rows),
        one.rejected === 0 ? '–' : html`<strong>${numberText(one.rejected)}</strong>`,
        bytesText(one.bytes),
      ]),
      none: 'No file has landed: it is read from another database, or nothing came yet.',
      narrow: [2, 5],
    }),
    pastDrifts(arrivals.drifts, at),
  ]);
}

/** Settings whose name says that their value is nobody's business. */
const SECRET = /pass|secret|token|credential|auth|private|(?:^|_)key$|apikey/i;

function settingFacts({ settings }: SourceModel): readonly (readonly [string, Part])[] {
  return Object.entries(settings).map(([name, value]) => [
    name,
    html`<code>${settingText(name, value)}</code>`,
  ]);
}

/** The value of a setting as text, without what could be a secret: `key` names columns and is a list. */
export function settingText(name: string, value: unknown): string {
  if (typeof value === 'string' && SECRET.test(name)) return '(not shown)';
  if (Array.isArray(value)) return value.map((one) => settingText('', one)).join(', ');
  const text =
    typeof value === 'string'
      ? value
      : JSON.stringify(value, (key, inner: unknown) =>
          typeof inner === 'string' && SECRET.test(key) ? '(not shown)' : inner,
        );
  // What stands before the @ of an address is a login and its password.
  return redactText(text.replaceAll(/(\w:\/\/)[^\s/@]*@/g, '$1…@'));
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
