import type { Need } from './batch-context.ts';
import type { Json, JsonObject } from './json.ts';
import { compileSchema, schemaProblems } from './json-schema.ts';
import type { JsonSchema, SchemaProblem } from './json-schema.ts';
import type { Provable } from './proof.ts';
import { readWritten } from './read-written.ts';
import { resultFormatSchema } from './result-format.ts';
import type { Scan, Sql } from './scan.ts';

/**
 * A piece of SQL that a suite selects: an aggregate of the one scan; one that has to order its rows (`ordered`), which
 * keeps the scan that it shares from running in parallel; or `beside` the scan a scalar subquery that does not look at
 * the scan's row. The latter two may run at the same time on another connection.
 */
export type Measure = Sql | { readonly ordered: Sql } | { readonly beside: Sql };

/** Pieces of SQL by name. */
export type Measures = Readonly<Record<string, Measure>>;

/** What came back, under the same names. */
export type Measured = Readonly<Record<string, Json>>;

/**
 * The one number, or time, that a promise was judged by, and its bounds; null on a side where it has none. What it came to
 * is kept when the full result has expired, so it is never a value of a row alone and never made by SQL of a suite.
 */
export interface Bounded {
  readonly value: Json;
  readonly lower: Json;
  readonly upper: Json;
}

/** What judging makes of the numbers. */
export interface Judgement {
  readonly success: boolean;
  /** Fields of Great Expectations' `result`, lists of values not among them. */
  readonly result: JsonObject;
  /** Fields of `result` that only the format COMPLETE has. */
  readonly complete?: JsonObject;
  /** What was found, in plain words and without a row's values: `1 of 18 rows outside`. */
  readonly observed: string;
  /** Rows that break it; null where the expectation is about the table as a whole. */
  readonly unexpectedCount: number | null;
  /** Rows it was asked of; null as above. */
  readonly elementCount: number | null;
  /** A count or share that later evaluations learn from; the type's `learns` names it. Null where there is none. */
  readonly figure?: number | null;
  /** Left out where it is about rows, whose share is as good, or about no single number. */
  readonly bounded?: Bounded;
}

/** Which fields about the keys of failing rows a result has. */
export interface Indexed {
  /** `unexpected_index_column_names`. */
  readonly names: boolean;
  /** `unexpected_index_list` and `partial_unexpected_index_list`. */
  readonly lists: boolean;
}

/** How to find the rows that break an expectation. */
export interface Failing {
  /** True for those rows, false or NULL for all others. */
  readonly predicate: Sql;
  /** Their columns that the expectation is about: one gives its value, several an object. */
  readonly columns: readonly string[];
}

/** What stands around an example's batch. */
export interface Surroundings {
  /** The published table of the gate's model; it has a unique index on `key`. */
  readonly published?: {
    readonly columns: Readonly<Record<string, string>>;
    readonly rows: readonly (readonly (string | null)[])[];
    readonly key: readonly string[];
  };
  /** What figures came to in the weeks before, the latest first. */
  readonly past?: Readonly<Record<string, readonly number[]>>;
  /** The expectation's `meta.weir.order_by`. */
  readonly orderBy?: readonly string[];
}

/** A case that is documentation and test at once. */
export interface Example {
  readonly title: string;
  /** Postgres types by column name. */
  readonly columns: Readonly<Record<string, string>>;
  /** Values in the order of `columns`, as text that Postgres casts, or null. */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly kwargs: JsonObject;
  readonly around?: Surroundings;
  readonly success: boolean;
  /** Fields that the result must have, at least. */
  readonly result: JsonObject;
}

/** What the docs say beside the promise. */
export interface Documentation {
  /** One sentence: what is promised. */
  readonly promise: string;
  /** What an empty batch does. */
  readonly empty: string;
  /** What NULLs do. */
  readonly nulls: string;
  readonly source: string;
}

/** One kind of promise; `K` is the shape of its arguments. */
export interface Definition<K> {
  /** Named as in Great Expectations; also the file's name. */
  readonly type: string;
  readonly docs: Documentation;
  /** JSON Schema of each argument of its own. */
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly (keyof K & string)[];
  /** Whether a share of rows may break it. */
  readonly mostly: boolean;
  /** What no single argument shows: `min_value` above `max_value`. A parameter is still an object here. */
  readonly check?: (kwargs: JsonObject) => readonly string[];
  readonly columns: (kwargs: K) => readonly string[];
  readonly measure: (kwargs: K, scan: Scan) => Measures;
  /** Where single rows break it: evidence and quarantine need it. */
  readonly failing?: (kwargs: K, scan: Scan) => Failing;
  /** A SELECT of what should not be there, where no predicate over the batch's rows says it: a query of the suite. */
  readonly listing?: (kwargs: K, scan: Scan) => Sql;
  /** What would prove it before any row is read; null where these arguments cannot be proved. */
  readonly provable?: (kwargs: K, scan: Scan) => Provable | null;
  /** True where values of several columns are given as a list, in the columns' order, as for pairs; else as an object. */
  readonly listed?: boolean;
  /** Which fields about the keys of failing rows Great Expectations leaves out here. */
  readonly indexed?: Partial<Indexed>;
  /** False where a `row_condition` has no meaning: the table's columns, SQL that the suite brings. */
  readonly conditional?: false;
  /** What it asks about beside the batch. */
  readonly needs?: readonly Need[];
  /** The name of the figure that it learns from; its judgements give it. */
  readonly learns?: (kwargs: K) => string;
  readonly judge: (kwargs: K, measured: Measured) => Judgement;
  /** The promise in plain words: `total_amount between 0 and 100000`. */
  readonly describe: (kwargs: K) => string;
  readonly examples: readonly Example[];
}

/** An expectation whose arguments are known to be good. */
export interface BoundExpectation {
  readonly type: string;
  readonly kwargs: JsonObject;
  readonly columns: readonly string[];
  readonly describe: string;
  readonly measure: (scan: Scan) => Measures;
  /** Null where no single row breaks it. */
  readonly failing: ((scan: Scan) => Failing) | null;
  /** A SELECT of what should not be there; null where {@link failing} says it, or nothing does. */
  readonly listing: ((scan: Scan) => Sql) | null;
  /** What would prove it before any row is read; null where nothing does. */
  readonly provable: (scan: Scan) => Provable | null;
  /** Whether values of several columns are given as a list; else as an object. */
  readonly listed: boolean;
  readonly indexed: Indexed;
  /** The name of the figure that it learns from; null where it learns nothing. */
  readonly learns: string | null;
  readonly judge: (measured: Measured) => Judgement;
}

/** A kind of promise as the engine uses it: whatever its arguments, they are checked before anything sees them. */
export interface ExpectationType {
  readonly type: string;
  readonly docs: Documentation;
  readonly examples: readonly Example[];
  /** JSON Schema of the whole `kwargs` object. */
  readonly schema: JsonSchema;
  readonly properties: Readonly<Record<string, JsonSchema>>;
  /** Whether single rows can be found that break it. */
  readonly rowLevel: boolean;
  /** What it asks about beside the batch. */
  readonly needs: readonly Need[];
  /** What is wrong with arguments; `unknownYet` names those whose value is a parameter. */
  readonly problems: (kwargs: JsonObject, unknownYet?: ReadonlySet<string>) => readonly SchemaProblem[];
  /** Null when {@link problems} finds any. */
  readonly bind: (kwargs: JsonObject) => BoundExpectation | null;
}

/** Arguments that every expectation of Great Expectations takes. They change nothing about the verdict. */
const shared: Readonly<Record<string, JsonSchema>> = {
  batch_id: { description: 'Left by Great Expectations; not read.' },
  id: {
    type: ['string', 'number', 'boolean', 'null'],
    description: 'Left by Great Expectations; the one beside the arguments is read.',
  },
  meta: {
    type: ['object', 'null'],
    description: 'Left by Great Expectations; the one beside the arguments is read.',
  },
  notes: { description: 'Left by Great Expectations; those beside the arguments are read.' },
  catch_exceptions: { type: 'boolean', description: 'Errors are always caught, each for itself.' },
  result_format: resultFormatSchema,
};

/** Arguments that choose the rows an expectation is asked of. */
const condition: Readonly<Record<string, JsonSchema>> = {
  row_condition: { description: 'Rows it is asked of: a condition object, or text of the older form.' },
  condition_parser: {
    description: 'Which older form a condition of text has; a condition object needs none.',
    enum: ['great_expectations', 'great_expectations__experimental__', 'pandas', 'spark', null],
  },
};

const mostly: JsonSchema = {
  type: 'number',
  minimum: 0,
  maximum: 1,
  description: 'Share of rows that must hold it.',
};

/** Declares a kind of promise. One a file, as the file's default export. */
export function defineExpectation<K extends object>(definition: Definition<K>): ExpectationType {
  const properties = {
    ...definition.properties,
    ...(definition.mostly ? { mostly } : {}),
    ...(definition.conditional === false ? {} : condition),
    ...shared,
  };
  const schema: JsonSchema = {
    type: 'object',
    additionalProperties: false,
    required: definition.required,
    properties,
  };
  let compiled: ReturnType<typeof compileSchema<K>> | null = null;
  const validator = (): ReturnType<typeof compileSchema<K>> => (compiled ??= compileSchema<K>(schema));
  return {
    type: definition.type,
    docs: definition.docs,
    examples: definition.examples,
    schema,
    properties,
    rowLevel: definition.failing !== undefined,
    needs: definition.needs ?? [],
    problems: (written, unknownYet = new Set()) => {
      const kwargs = readWritten(written, properties);
      return [
        ...schemaProblemsOf(validator(), kwargs, unknownYet),
        ...(definition.check?.(kwargs) ?? []).map((problem) => ({ ...crossed, problem })),
      ];
    },
    bind: (written) => {
      const kwargs = readWritten(written, properties);
      if (!validator()(kwargs) || (definition.check?.(kwargs) ?? []).length > 0) return null;
      return bindKwargs(definition, kwargs);
    },
  };
}

const crossed = { pointer: '', expected: 'arguments that fit each other', property: null };

function schemaProblemsOf<K>(
  validate: ReturnType<typeof compileSchema<K>>,
  kwargs: JsonObject,
  unknownYet: ReadonlySet<string>,
): readonly SchemaProblem[] {
  const known = Object.fromEntries(Object.entries(kwargs).filter(([name]) => !unknownYet.has(name)));
  const found = validate(known) ? [] : schemaProblems(validate.errors);
  return found.filter(({ property }) => property === null || !unknownYet.has(property));
}

function bindKwargs<K>(definition: Definition<K>, kwargs: K & JsonObject): BoundExpectation {
  const { failing, listing } = definition;
  return {
    type: definition.type,
    kwargs,
    columns: definition.columns(kwargs),
    describe: definition.describe(kwargs),
    measure: (scan) => definition.measure(kwargs, scan),
    failing: failing === undefined ? null : (scan) => failing(kwargs, scan),
    listing: listing === undefined ? null : (scan) => listing(kwargs, scan),
    provable: (scan) => definition.provable?.(kwargs, scan) ?? null,
    listed: definition.listed ?? false,
    indexed: { names: true, lists: true, ...definition.indexed },
    learns: definition.learns?.(kwargs) ?? null,
    judge: (measured) => definition.judge(kwargs, measured),
  };
}
