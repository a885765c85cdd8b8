import type { DatabaseTransaction } from '../../activities/databases.ts';
import type { Batch } from '../../expectations/compile.ts';
import { ownColumns } from '../../expectations/own-columns.ts';
import type { CatalogueColumn } from '../../expectations/scan.ts';
import { ENOUGH } from './draft-column.ts';
import { measureColumns } from './measure-columns.ts';
import { candidatePairs, tellingPairs } from './pairs.ts';
import { looksPersonal } from './personal.ts';
import type { ColumnProfile, Found, Key, TableProfile } from './profile.ts';
import { readCatalogue } from './read-catalogue.ts';
import { readSets } from './read-sets.ts';
import { chooseSample, sampleColumns, samplePairs } from './sample-columns.ts';

/** Keys that only the data has are each a query to prove. */
const MOST_KEYS = 2;
/** Longer text is no key. */
const LONGEST_KEY = 64;

/** A profile, and how many times the batch was read for it, samples of a large one not counted. */
export interface Profiled {
  readonly table: TableProfile;
  readonly scans: number;
}

/**
 * Reads the figures of a batch: one scan for all columns, one look at the rows (a sample of a large batch) for sets,
 * patterns, keys and order, and one scan more for the sets of a large batch.
 *
 * @param personal columns that a model's header marks so.
 */
export async function profileTable(
  trx: DatabaseTransaction,
  batch: Batch,
  asOf: string,
  personal: ReadonlySet<string>,
): Promise<Profiled> {
  const catalogue = await readCatalogue(trx, batch.relation);
  const columns = [...batch.columns.values()].filter(({ name }) => !ownColumns.has(name));
  const measured = await measureColumns(trx, batch, columns);
  const sample = chooseSample(batch, measured.rows, catalogue.canSample);
  const found = await sampleColumns(trx, sample, columns, measured.columns);
  const isPersonal = (name: string): boolean => personal.has(name) || looksPersonal(name);
  const few = columns.filter(({ name }) => !isPersonal(name) && (found.get(name)?.values ?? null) !== null);
  const exact = sample.whole ? { sets: null, scans: 1 } : await readSets(trx, batch, few);
  const profiles = columns.map((column): ColumnProfile => {
    const figures = measured.columns.get(column.name);
    const one = found.get(column.name) ?? null;
    return {
      ...column,
      ...(figures ?? { present: 0, lowest: null, highest: null, shortest: null, longest: null }),
      notNull: catalogue.notNull.has(column.name),
      personal: isPersonal(column.name),
      found: one === null || exact.sets === null ? one : { ...one, ...exactly(column, one, exact.sets) },
    };
  });
  const pairs = await samplePairs(trx, sample, candidatePairs(profiles));
  return {
    table: {
      relation: batch.relation,
      rows: measured.rows,
      asOf,
      columns: profiles,
      own: [...batch.columns.keys()].filter((name) => ownColumns.has(name)),
      keys: keysOf(catalogue.keys, profiles),
      foreignKeys: catalogue.foreignKeys,
      pairs: tellingPairs(pairs),
    },
    scans: measured.scans + exact.scans,
  };
}

/** The values of the whole batch in place of the sample's. */
function exactly(
  { name }: CatalogueColumn,
  found: Found,
  sets: ReadonlyMap<string, NonNullable<Found['values']>>,
): Pick<Found, 'values' | 'different'> {
  const values = sets.get(name) ?? null;
  return { values, different: values?.length ?? found.different };
}

/** What unique indexes say, and columns that the data has as keys. */
function keysOf(catalogued: readonly Key[], columns: readonly ColumnProfile[]): readonly Key[] {
  const names = new Set(columns.map(({ name }) => name));
  const indexed = catalogued.filter((key) => key.columns.every((column) => names.has(column)));
  const known = new Set(indexed.filter((key) => key.columns.length === 1).flatMap((key) => key.columns));
  const seen = columns
    .filter(({ name, found, longest, present }) => {
      if (known.has(name) || found === null || (longest ?? 0) > LONGEST_KEY) return false;
      return present >= ENOUGH && found.different === found.present && found.present >= ENOUGH;
    })
    .slice(0, MOST_KEYS)
    .map(({ name }): Key => ({ columns: [name], index: null }));
  // The same columns may be indexed twice.
  const different = new Map([...indexed, ...seen].map((key) => [JSON.stringify(key.columns), key]));
  return [...different.values()];
}
