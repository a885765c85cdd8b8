import { isList, isObject } from '../../expectations/json.ts';
import type { Json } from '../../expectations/json.ts';
import { decideOnFailure, quarantineShareOf } from '../../expectations/on-failure.ts';
import type { FailureRule, OnFailure } from '../../expectations/on-failure.ts';
import { redactText } from '../../expectations/redact.ts';
import { conditionWords } from '../../expectations/row-condition.ts';
import type { SuiteExpectation } from '../../expectations/suite-expectation.ts';
import type { Suite } from '../../expectations/suite.ts';
import type { Severity } from '../../expectations/verdict.ts';
import { wordsWithParameters } from './parameter-words.ts';

/** A promise of a suite as people read it. */
export interface PromiseWords {
  /** Place in the suite, from 0. */
  readonly place: number;
  readonly type: string;
  /** The columns it is about, `a, b` where they are several; null where it is about the table as a whole. */
  readonly column: string | null;
  /** What is promised, without its condition: `rows between min_rows and max_rows`. */
  readonly words: string;
  /** What promises of the kind say, as a sentence for who has never seen one. */
  readonly meaning: string;
  readonly severity: Severity;
  readonly onFailure: OnFailure;
  /** Share of a batch up to which its rows are set aside; null where none are. */
  readonly quarantineShare: number | null;
  /** Which rows it is asked of, in words; null for all. */
  readonly condition: string | null;
  /** Share of rows that must keep it, where it says one. */
  readonly mostly: number | null;
  /** Why it is there: the suite's own description and notes; null where it has none. */
  readonly why: string | null;
  /** Names of parameters whose values come with the run, each once. */
  readonly parameters: readonly string[];
  /** Whether single rows break it, and not only the table as a whole. */
  readonly rowLevel: boolean;
}

/**
 * The promises of a suite in plain words, in its order. Parameters stand by name: their values come with each run.
 *
 * @param header what the gate's header says of failures, where neither expectation nor suite does.
 */
export function promiseWords(suite: Suite, header?: FailureRule): readonly PromiseWords[] {
  return suite.expectations.map((expectation) => inWords(suite, expectation, header));
}

function inWords(suite: Suite, expectation: SuiteExpectation, header: FailureRule | undefined): PromiseWords {
  const { index, kind, kwargs, severity, weir, condition, uses } = expectation;
  const said = [weir, suite.weir, ...(header === undefined ? [] : [header])];
  const onFailure = decideOnFailure(said, { severity, rowLevel: kind.rowLevel, errored: false });
  const columns = columnsOf(expectation);
  return {
    place: index,
    type: kind.type,
    column: columns.length === 0 ? null : columns.join(', '),
    words: redactText(wordsWithParameters(expectation)),
    meaning: kind.docs.promise,
    severity,
    onFailure,
    quarantineShare: onFailure === 'quarantine' ? quarantineShareOf(said) : null,
    condition: condition === null ? null : redactText(conditionWords(condition)),
    mostly: typeof kwargs['mostly'] === 'number' ? kwargs['mostly'] : null,
    why: whyOf(expectation),
    parameters: [...new Set(uses.flatMap(({ names }) => names))],
    rowLevel: kind.rowLevel,
  };
}

function columnsOf({ kwargs }: SuiteExpectation): readonly string[] {
  const named = ['column', 'column_A', 'column_B', 'column_list'].flatMap((argument) => {
    const value = kwargs[argument] ?? null;
    return isList(value) ? value : [value];
  });
  return named.filter((name) => typeof name === 'string');
}

function whyOf({ description, notes }: SuiteExpectation): string | null {
  const texts = [description ?? '', notesText(notes) ?? ''].filter((text) => text.trim() !== '');
  return texts.length === 0 ? null : texts.map((text) => redactText(text)).join(' ');
}

/** Notes as Great Expectations keeps them: text, lines of it, or an object with a `content`. Null for none. */
export function notesText(notes: Json): string | null {
  if (typeof notes === 'string') return notes.trim() === '' ? null : redactText(notes);
  if (isList(notes)) return notesText(notes.filter((line) => typeof line === 'string').join('\n'));
  return isObject(notes) ? notesText(notes['content'] ?? null) : null;
}
