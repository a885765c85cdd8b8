/** Parts of names that speak of a person; a name is taken apart at underscores, hyphens, spaces and capitals. */
const WORDS: ReadonlySet<string> = new Set(
  [
    'email mail phone mobile telephone tel fax',
    'firstname lastname fullname surname forename nickname username login',
    'address street postcode postal zip zipcode',
    'birth birthday birthdate dob age gender sex religion',
    'ssn passport iban bic pan cvv cvc card cardholder',
    'password passwd secret token ip latitude longitude lat lon lng',
    'salary wage diagnosis',
  ].flatMap((line) => line.split(' ')),
);
/** Words before or after `name` that make it somebody's. */
const WHOSE: ReadonlySet<string> = new Set(
  'first last middle full given family maiden user customer client contact holder owner person patient employee member guest'.split(
    ' ',
  ),
);
const NUMBERED: ReadonlySet<string> = new Set(
  'account tax insurance license licence national social'.split(' '),
);

/** Whether a column's name says that its values are somebody's: then none of them may stand in a suite. */
export function looksPersonal(name: string): boolean {
  const words = wordsOf(name);
  const has = (set: ReadonlySet<string>): boolean => words.some((word) => set.has(word));
  if (has(WORDS)) return true;
  if (words.includes('name')) return has(WHOSE);
  return has(NUMBERED) && words.some((word) => ['number', 'no', 'nr', 'id'].includes(word));
}

/** The words of a name: `storeId` and `store_id` have the same. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
