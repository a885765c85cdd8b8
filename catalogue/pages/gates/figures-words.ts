import { countText, numberText, shareText } from '../../parts/texts.ts';
import { valueWords } from '../../parts/value-words.ts';
import type { JudgedPromise } from '../../read/judged-promises.ts';
import type { PromiseUnit } from '../../read/promise-history.ts';

/** What was found of a promise: counts, shares and aggregates, never a value of a row. */
export function observedWords({ asked }: Pick<JudgedPromise, 'asked'>): string {
  if (asked === null) return 'not kept: see the full result';
  const { outcome, unexpected, elements, observed, unit } = asked;
  if (outcome === 'errored') return 'could not be checked';
  if (unexpected !== null && elements !== null) return rowsWords(unexpected, elements);
  if (unexpected !== null) return `${countText(unexpected, 'row', 'rows')} broke it`;
  if (observed !== null) return figureText(observed, unit);
  return outcome === 'held' ? 'held' : 'not shown here: see the full result';
}

function rowsWords(unexpected: number, elements: number): string {
  const of = `of ${countText(elements, 'row', 'rows')}`;
  if (unexpected === 0) return `none ${of} broke it`;
  const share = elements === 0 ? '' : ` (${shareText(unexpected / elements)})`;
  return `${numberText(unexpected)} ${of} broke it${share}`;
}

/** Within which bounds it would have held, as they were then. */
export function expectedWords({ asked, words }: Pick<JudgedPromise, 'asked' | 'words'>): string {
  if (asked === null) return words;
  const { lower, upper, unit, elements } = asked;
  if (elements !== null)
    return lower === null || lower >= 1 ? 'all rows keep it' : `at least ${shareText(lower)} of rows keep it`;
  const text = (bound: number): string => figureText(bound, unit);
  if (lower !== null && upper !== null)
    return lower === upper ? `exactly ${text(lower)}` : `between ${text(lower)} and ${text(upper)}`;
  if (lower !== null) return `at least ${text(lower)}`;
  return upper === null ? words : `at most ${text(upper)}`;
}

function figureText(figure: number, unit: PromiseUnit | null): string {
  const words = valueWords(figure, unit ?? 'value');
  return unit === 'age' && figure >= 0 ? `${words} old` : words;
}
