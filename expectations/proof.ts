import { sql } from 'kysely';
import type { Measures } from './define-expectation.ts';

/** Why a promise holds whatever the rows are: nothing has to be read for it. */
export interface Proof {
  /** A valid constraint of the table, or the statement that built it. */
  readonly by: 'constraint' | 'statement';
  /** In words: `unique index raw_transactions_pkey`, `NOT NULL of store_id`. */
  readonly text: string;
}

/** What has to be certain for a promise to hold. */
export type Claim =
  /** No row breaks it: the predicate of its failing rows is true for none. */
  | { readonly kind: 'rows'; readonly about: 'values' | 'presence' }
  /** No two rows in which all of `columns` are present have the same values in all of them. */
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  /** Each value of `column` that is present is one of `other` in another relation. */
  | {
      readonly kind: 'found';
      readonly column: string;
      /** As a suite names it: `schema.name`, or a name in the schema of the batch. */
      readonly relation: string;
      readonly other: string;
    };

/** How a promise could be proved, and what is still measured once it is. */
export interface Provable {
  readonly claim: Claim;
  /** Measures to take instead of those of the same names: they cost less and come to the same. */
  readonly measures: Measures;
}

/** For promises about single rows that count those that break them as `unexpected`. */
export const noRowBreaksIt: Provable = {
  claim: { kind: 'rows', about: 'values' },
  measures: { unexpected: sql`0` },
};

/** Columns of the batch that no two rows share, as far as all of them are present. */
export interface KnownKey {
  readonly columns: readonly string[];
  readonly proof: Proof;
}

/** A column of the batch each of whose present values is in a column of another relation. */
export interface KnownReference {
  readonly column: string;
  readonly relation: readonly [schema: string, name: string];
  readonly other: string;
  readonly proof: Proof;
}

/** A constraint that every row of the batch satisfies, and columns it is about; null where that may be any. */
export interface KnownConstraint {
  readonly kind: 'check' | 'not null' | 'partition';
  readonly name: string;
  readonly columns: readonly string[] | null;
}

/** What is certain of a batch before any of its rows is read. */
export interface Known {
  readonly keys: readonly KnownKey[];
  readonly references: readonly KnownReference[];
  readonly constraints: readonly KnownConstraint[];
}

/**
 * The proof of a claim by a key or a reference; null where there is none.
 *
 * @param schema the schema of the batch.
 */
export function proofOf(claim: Claim, { keys, references }: Known, schema: string): Proof | null {
  switch (claim.kind) {
    case 'rows':
      return null;
    case 'unique':
      return keys.find((key) => isSubset(key.columns, claim.columns))?.proof ?? null;
    case 'found': {
      const [first, second] = claim.relation.split('.');
      const [namespace, name] = second === undefined ? [schema, first] : [first, second];
      const meant = references.find(
        ({ column, relation, other }) =>
          column === claim.column &&
          other === claim.other &&
          relation[0] === namespace &&
          relation[1] === name,
      );
      return meant?.proof ?? null;
    }
  }
}

/** Fewer columns that are unique make more columns unique too. */
function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  return part.every((one) => whole.includes(one));
}

/**
 * Constraints that may prove that no row breaks a promise about `columns`; Postgres decides whether they do. That a value
 * is present says nothing of the value.
 */
export function helpfulConstraints(
  { about }: Extract<Claim, { kind: 'rows' }>,
  columns: readonly string[],
  { constraints }: Known,
): readonly KnownConstraint[] {
  const meant = constraints.filter(
    (one) => one.columns === null || one.columns.some((name) => columns.includes(name)),
  );
  return about === 'values' && meant.every(({ kind }) => kind === 'not null') ? [] : meant;
}

/** Names what proved that no row breaks a promise. Of a column that is NOT NULL nothing else has to say that it is present. */
export function constraintProof(
  claim: Extract<Claim, { kind: 'rows' }>,
  helpful: readonly KnownConstraint[],
): Proof {
  const present = helpful.filter(({ kind }) => kind === 'not null');
  const said =
    claim.about === 'presence' && present.length > 0
      ? present
      : helpful.filter(({ kind }) => kind !== 'not null');
  const named = said.length > 0 ? said : helpful;
  const certain = named.filter(({ columns }) => columns !== null);
  const words = [...new Set((certain.length > 0 ? certain : named).map(constraintWords))];
  return {
    by: 'constraint',
    text: words.length > MOST_NAMED ? 'constraints of its tables' : words.join(', '),
  };
}

/** Below a view any of the constraints may have done it. */
const MOST_NAMED = 3;

function constraintWords({ kind, name, columns }: KnownConstraint): string {
  switch (kind) {
    case 'check':
      return `check ${name}`;
    case 'not null':
      return columns === null ? `NOT NULL ${name}` : `NOT NULL of ${columns.join(', ')}`;
    case 'partition':
      return `bounds of partition ${name}`;
  }
}
