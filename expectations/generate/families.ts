import type { ExpectationType } from '../define-expectation.ts';

/** Whether Great Expectations has no such type: then its rules stand elsewhere. */
export function isOwn({ docs }: ExpectationType): boolean {
  return !/^https:\/\/([a-z]+\.)?greatexpectations\.io\//.test(docs.source);
}

/** Kinds of promises that belong together, as the catalogue's index shows them. */
export interface Family {
  readonly title: string;
  readonly about: string;
  readonly includes: (kind: ExpectationType) => boolean;
}

const named =
  (pattern: RegExp) =>
  ({ type }: ExpectationType): boolean =>
    pattern.test(type);

/** In the order of the index. A kind belongs to the first that includes it. */
const families: readonly Family[] = [
  {
    title: "Weir's own",
    about: 'What Great Expectations cannot state. A suite with one of them is read by Weir alone.',
    includes: isOwn,
  },
  {
    title: 'The rows of a table',
    about: 'How many there are.',
    includes: named(/^expect_table_row_count/),
  },
  {
    title: 'The columns of a table',
    about: 'Which there are, in which order, of which type. No row is read.',
    includes: named(/^expect_table_columns?_|^expect_column_to_exist$|_(type|type_list|type_to_be)$/),
  },
  {
    title: 'Two columns',
    about: 'What two values of one row have to do with each other.',
    includes: named(/^expect_column_pair_/),
  },
  {
    title: 'Several columns',
    about: 'What several values of one row have to do with each other, and keys of several columns.',
    includes: named(/^expect_(multicolumn|compound_columns|select_column)_/),
  },
  {
    title: 'How the values of a column are distributed',
    about: 'Quantiles, divergence, and values far from the rest.',
    includes: named(/kl_divergence|quantile|outliers|z_scores|stdev/),
  },
  {
    title: 'Each value of a column',
    about:
      'NULLs are left out, and with `mostly` a share of rows may break it. Single rows can be listed and set aside.',
    includes: named(/^expect_column_values?_/),
  },
  {
    title: 'One figure of a column',
    about: 'A sum, a mean, the newest time: one number of all rows together.',
    includes: named(/^expect_column_/),
  },
  {
    title: 'SQL of your own',
    about: 'One SELECT, on a login that owns nothing and may only read.',
    includes: () => true,
  },
];

/** The kinds of promises by family, in the order of the index; a family without any is left out. */
export function byFamily(
  kinds: readonly ExpectationType[],
): readonly (readonly [Family, readonly ExpectationType[]])[] {
  return families
    .map((family): readonly [Family, readonly ExpectationType[]] => [
      family,
      kinds.filter((kind) => families.find(({ includes }) => includes(kind)) === family),
    ])
    .filter(([, members]) => members.length > 0);
}
