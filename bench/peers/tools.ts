/** A tool that the bench compares with, and the ways in which it is asked. */
export interface Tool {
  /** Its folder beside this file. */
  readonly folder: string;
  readonly name: string;
  readonly contestants: readonly { readonly name: string; readonly mode: string }[];
}

export const soda = 'Soda Core';
export const gxSummary = 'GX SUMMARY';
export const gxBoolean = 'GX BOOLEAN_ONLY';
export const dbt = 'dbt';

/** What is compared with; versions are pinned in each folder's requirements.txt. */
export const tools: readonly Tool[] = [
  {
    folder: 'great-expectations',
    name: 'Great Expectations',
    contestants: [
      { name: gxSummary, mode: 'SUMMARY' },
      { name: gxBoolean, mode: 'BOOLEAN_ONLY' },
    ],
  },
  { folder: 'soda-core', name: 'Soda Core', contestants: [{ name: soda, mode: '' }] },
  { folder: 'dbt-core', name: 'dbt', contestants: [{ name: dbt, mode: '' }] },
];
