import { isList, isObject, parseExactJson } from '../../expectations/json.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import { personalIn, redactText } from '../../expectations/redact.ts';
import { conditionColumns } from '../../expectations/row-condition.ts';
import type { SuiteExpectation } from '../../expectations/suite-expectation.ts';
import { isFigure, toldKwargs, type GivenParameters } from './told-kwargs.ts';

/** What is known of the gate that a result is of, to tell what may be told of it. */
export interface Telling {
  /** The promises as the suite says them; null where it has changed since, or is gone. */
  readonly promises: readonly SuiteExpectation[] | null;
  /** Columns marked personal; null where the model is gone, and any may be. */
  readonly personal: ReadonlySet<string> | null;
  readonly parameters: GivenParameters;
}

/** The results of a validation without any value of a row: counts, shares, and aggregates of columns that are not personal. */
export function toldResults(results: readonly Json[], telling: Telling): readonly JsonObject[] {
  return results.filter(isObject).map((one, place) => toldResult(one, place, telling));
}

function toldResult(result: JsonObject, place: number, telling: Telling): JsonObject {
  const config = objectOf(result['expectation_config']);
  const { type = null, meta = {}, notes, description, id, severity } = config;
  const kwargs = objectOf(config['kwargs']);
  const promise = telling.promises?.[place] ?? null;
  const written = promise !== null && promise.kind.type === type ? promise : null;
  const personal = isPersonal(kwargs, written, telling);
  const found = toldFound(objectOf(result['result']), typeof type === 'string' ? type : '', personal);
  const raised = objectOf(result['exception_info']);
  const reason = redacted(raised['exception_traceback']);
  return {
    success: result['success'] === true,
    expectation_config: {
      type,
      kwargs: toldKwargs(kwargs, written, telling.parameters),
      meta: written === null ? {} : meta,
      ...(written === null ? {} : present({ notes, description })),
      ...present({ id, severity }),
    },
    result: found.fields,
    meta: { weir: toldWords(objectOf(objectOf(result['meta'])['weir']), found.withheld) },
    exception_info: {
      raised_exception: raised['raised_exception'] === true,
      exception_traceback: reason,
      exception_message: reason,
    },
  };
}

/** Whether it reads a column marked personal, or is asked of rows that one chooses: the highest of few is one of them. */
function isPersonal(
  kwargs: JsonObject,
  written: SuiteExpectation | null,
  { personal }: Pick<Telling, 'personal'>,
): boolean {
  if (personal === null) return true;
  if (written === null && kwargs['row_condition'] !== undefined) return true;
  const chosenBy = conditionColumns(written?.condition ?? null);
  return [...columnsOf(kwargs), ...chosenBy].some((column) => personal.has(column));
}

/** Names of what a promise is about. */
export function columnsOf(kwargs: JsonObject): readonly string[] {
  const named = [kwargs['column'], kwargs['column_A'], kwargs['column_B']];
  const lists = [kwargs['column_list'], kwargs['column_set']].flatMap((list) => (isList(list) ? list : []));
  return [...named, ...lists].filter((name) => typeof name === 'string');
}

interface ToldFound {
  readonly fields: JsonObject;
  /** Whether something was observed that is not told. */
  readonly withheld: boolean;
}

/** Counts and shares by their names, lists of values emptied, what was observed where it is an aggregate. */
function toldFound(found: JsonObject, type: string, personal: boolean): ToldFound {
  const observed = found['observed_value'] ?? null;
  const told = personal && !ABOUT_TABLE.test(type) ? null : toldObserved(observed, type);
  const withheld = told === null && observed !== null;
  const fields = Object.entries(found).flatMap(([name, value]): [string, Json][] => {
    if (name === 'observed_value') return [[name, told]];
    if (name === 'unexpected_index_column_names') return [[name, value]];
    if (/_(list|counts)$/.test(name) && isList(value)) return [[name, []]];
    if (name === 'details') return personal || withheld ? [] : [[name, figuresOf(objectOf(value))]];
    return /_(count|percent\w*)$/.test(name) && (value === null || isFigure(value))
      ? [[name, numeric(value)]]
      : [];
  });
  return { fields: Object.fromEntries(fields), withheld };
}

/** A number with more digits than a double has comes out of Postgres as text, which Great Expectations does not compare. */
function numeric(value: Json): Json {
  return typeof value === 'string' ? Number(value) : value;
}

/** Promises about a table's shape: what is observed are names, types and counts. */
const ABOUT_TABLE = /^expect_table_|_of_type$|_type_to_be$|_type_list$/;

/** Of a table its columns and their types may be told; of a column numbers and times, which are no single row's text. */
function toldObserved(observed: Json, type: string): Json {
  if (ABOUT_TABLE.test(type)) return observed;
  if (isFigure(observed)) return isRowsText(observed) ? null : observed;
  if (!isObject(observed)) return null;
  const { quantiles, values } = observed;
  const all = [quantiles, values];
  return all.every((list) => isList(list) && list.every((one) => one === null || isFigure(one)))
    ? { quantiles: quantiles ?? null, values: values ?? null }
    : null;
}

/**
 * The highest text of a column is some row's, whatever it looks like: a number is text only where it has more digits than
 * a double. And what looks like the number of a card is not told of any column.
 */
function isRowsText(observed: Json): boolean {
  if (personalIn(JSON.stringify(observed)) !== null) return true;
  if (typeof observed !== 'string' || !/^-?[\d.]+$/.test(observed)) return false;
  return /^-?0\d/.test(observed) || parseExactJson(observed) !== observed;
}

function figuresOf(details: JsonObject): JsonObject {
  const isTold = (value: Json): boolean => isFigure(value) || (isList(value) && value.every(isTruth));
  return Object.fromEntries(Object.entries(details).filter(([, value]) => isTold(value)));
}

function isTruth(value: Json): boolean {
  return typeof value === 'boolean';
}

function toldWords({ promise, observed, from }: JsonObject, withheld: boolean): JsonObject {
  return present({
    promise: redacted(promise),
    observed: withheld ? 'not shown' : redacted(observed),
    from,
  });
}

function redacted(text: Json | undefined): string | null {
  return typeof text === 'string' ? redactText(text) : null;
}

function present(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  const given: [string, Json][] = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, value]],
  );
  return Object.fromEntries(given);
}

/** An object, or an empty one where there is none. */
export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
