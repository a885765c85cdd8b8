import { sql } from 'kysely';
import { isAskable, proveEntry } from '../../expectations/compile.ts';
import type { AskableEntry, Batch, Entry } from '../../expectations/compile.ts';
import type { Json } from '../../expectations/json.ts';
import { compileRefutation } from '../../expectations/proof-by-plan.ts';
import { constraintProof, helpfulConstraints, proofOf } from '../../expectations/proof.ts';
import type { Claim, KnownConstraint, Proof } from '../../expectations/proof.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { readBatchConstraints } from './batch-constraints.ts';
import type { BatchConstraints } from './batch-constraints.ts';
import { evaluationError } from './fault.ts';

/**
 * Finds which promises need not be measured, because constraints of the batch's relation or the statement that built it
 * prove them: one look at the catalogue, and one plan where row-level promises meet a constraint that could help.
 *
 * Proofs only save work. Whatever goes wrong here leaves a promise to be measured.
 *
 * @param trx a repeatable-read transaction: what is proved holds for the rows that its snapshot sees.
 * @returns the entries in their order, those that are proved with their proof and with what is still measured.
 */
export async function proveEntries(
  trx: DatabaseTransaction,
  entries: readonly Entry[],
  batch: Batch,
): Promise<readonly Entry[]> {
  const provable = entries.filter(isAskable).filter((entry) => entry.provable !== null);
  if (provable.length === 0) return entries;
  const wanted = new Set(provable.flatMap(({ provable: way }) => way?.claim.kind ?? []));
  const known = await attempt(trx, () => readBatchConstraints(trx, batch, wanted));
  if (known === null) return entries;
  const proofs = new Map<number, Proof>();
  for (const { provable: way, expectation } of provable) {
    const proof = way === null ? null : proofOf(way.claim, known, batch.relation[0]);
    if (proof !== null) proofs.set(expectation.index, proof);
  }
  for (const [index, proof] of await proveRows(trx, provable, batch, known)) proofs.set(index, proof);
  return entries.map((entry) => {
    const proof = proofs.get(entry.expectation.index);
    if (proof === undefined || !isAskable(entry) || entry.provable === null) return entry;
    return proveEntry(entry, entry.provable, proof);
  });
}

/** A promise about single rows, and the constraints that may prove it. */
interface Candidate {
  readonly entry: AskableEntry;
  readonly claim: Extract<Claim, { kind: 'rows' }>;
  readonly helpful: readonly KnownConstraint[];
}

/** A statement has its limits in targets and bound values, and a plan of more takes longer than it saves. */
const MOST_AT_ONCE = 200;

async function proveRows(
  trx: DatabaseTransaction,
  entries: readonly AskableEntry[],
  batch: Batch,
  known: BatchConstraints,
): Promise<ReadonlyMap<number, Proof>> {
  const candidates = entries.flatMap((entry): readonly Candidate[] => {
    const claim = entry.provable?.claim;
    if (claim?.kind !== 'rows') return [];
    const helpful = helpfulConstraints(claim, entry.bound.columns, known);
    return helpful.length === 0 ? [] : [{ entry, claim, helpful }];
  });
  const refuted = new Set<number>();
  for (let from = 0; from < candidates.length; from += MOST_AT_ONCE) {
    const some = candidates.slice(from, from + MOST_AT_ONCE).map(({ entry }) => entry);
    for (const index of await refute(trx, some, batch)) refuted.add(index);
  }
  // A constraint that became valid in between is one the snapshot does not know: its rows may break it.
  if (refuted.size > 0 && known.unvalidated) {
    const after = await attempt(trx, () => readBatchConstraints(trx, batch, new Set(['rows'])));
    if (after === null) return new Map();
  }
  return new Map(
    candidates
      .filter(({ entry }) => refuted.has(entry.expectation.index))
      .map(({ entry, claim, helpful }) => [entry.expectation.index, constraintProof(claim, helpful)]),
  );
}

/** Together, or each alone where the planner trips over one of them: a text that is not of the column's type. */
async function refute(
  trx: DatabaseTransaction,
  entries: readonly AskableEntry[],
  batch: Batch,
): Promise<ReadonlySet<number>> {
  if (entries.length === 0) return new Set();
  const refuted = await attempt(trx, async () => {
    const statement = compileRefutation(entries, batch);
    const { rows } = await sql<Record<string, Json>>`${statement.sql}`.execute(trx);
    return statement.read(rows[0] ?? {});
  });
  if (refuted !== null || entries.length === 1) return refuted ?? new Set();
  const alone = new Set<number>();
  for (const entry of entries) for (const index of await refute(trx, [entry], batch)) alone.add(index);
  return alone;
}

/** Behind a savepoint, which is released: it would take its locks along. Null where Postgres refuses. */
async function attempt<T>(trx: DatabaseTransaction, work: () => Promise<T>): Promise<T | null> {
  await sql`savepoint proving`.execute(trx);
  try {
    const result = await work();
    await sql`release savepoint proving`.execute(trx);
    return result;
  } catch (error) {
    if (evaluationError(error) === null) throw error;
    await sql`rollback to savepoint proving`.execute(trx);
    await sql`release savepoint proving`.execute(trx);
    return null;
  }
}
