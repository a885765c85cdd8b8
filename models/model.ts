/** The folders under `models/`, each a schema of the database. */
export const layers = ['bronze', 'silver', 'gold', 'semantic'] as const;
export type Layer = (typeof layers)[number];

/** How much hangs on a model or source, 1 the most: pages say it, and whom to tell may be chosen by it. */
export type Tier = 1 | 2 | 3;

export type Schedule = 'minute' | 'hourly' | 'daily';

/** What deploy does when the columns of a model's SELECT are no longer those of its table. */
export type OnSchemaChange = 'fail' | 'append_new_columns' | 'sync_all_columns';

/** A target that is split by day or month of one of its key's columns. */
export interface Partitioning {
  readonly by: 'day' | 'month';
  readonly column: string;
}

/** How old a model's newest rows may be. */
export interface Freshness {
  readonly objectiveSeconds: number;
  /** Share of the time in which that must be so, above 0 up to 1. */
  readonly target: number;
}

/** A gate's parameter as its header gives it: a literal, or one query whose only column is the value or values. */
export type ParameterSource =
  | string
  | number
  | boolean
  | null
  | readonly (string | number | boolean)[]
  | { readonly query: string };

/** A gate as the header names it: the suite's file name without `.json`, and the parameters it is given. */
export interface GateHeader {
  readonly suite: string;
  /** What happens to the data when an expectation fails, where neither it nor its suite says so; null: as its severity has it. */
  readonly onFailure: 'hold' | 'quarantine' | 'continue' | null;
  /** Share of the batch, 0 to 1, up to which rows are set aside, where neither expectation nor suite says one. */
  readonly quarantineShare: number | null;
  readonly parameters: Readonly<Record<string, ParameterSource>>;
}

/** What the header says about one column. */
export interface ColumnHeader {
  readonly description: string;
  /** Personal data: no value or aggregate of it leaves the database. */
  readonly personal: boolean;
  /** The header says `personal: false`: somebody has looked at what it is made of. */
  readonly cleared: boolean;
  /** The Postgres type; sources must say it, other models take it from their SELECT. */
  readonly type: string | null;
}

/** A relation a model's SQL names, and the line of its file that names it. */
export interface Reference {
  readonly schema: string;
  readonly name: string;
  readonly line: number;
}

/** One `touched:` entry: the keys that new rows of `delta.<delta>` ask to be recomputed. */
export interface TouchedQuery {
  readonly delta: string;
  readonly sql: string;
  /** The line of the file that it begins on. */
  readonly line: number;
  readonly references: readonly Reference[];
}

/** Where parts of a header stand in its file, or else what is nearest to them. */
export interface HeaderLines {
  readonly freshness: number;
  readonly reader: number;
  readonly settings: number;
  readonly input: number;
  readonly output: number;
  /** The first line of the SELECT. */
  readonly select: number;
}

interface ModelBase {
  /** File name without `.sql`; also the relation's name. Unique over all layers. */
  readonly name: string;
  readonly layer: Layer;
  /** `silver.stg_transactions`. */
  readonly relation: string;
  /** As people find it: `models/silver/stg_transactions.sql`. */
  readonly file: string;
  readonly schedule: Schedule;
  readonly owner: string;
  readonly tier: Tier;
  readonly description: string;
  readonly grain: string;
  readonly runbook: string | null;
  /** The column that windows by event time read; null where the model has none. */
  readonly timeColumn: string | null;
  readonly columns: Readonly<Record<string, ColumnHeader>>;
  /** Roles that may read it, beside Weir's own. */
  readonly grants: readonly string[];
  /** Columns of each index the header asks for. */
  readonly indexes: readonly (readonly string[])[];
  /** SHA-256 (hex) of what the file builds: the SELECT and the touched queries. */
  readonly sqlHash: string;
  /** Lines of the file that refusals name once other files are known. */
  readonly lines: HeaderLines;
}

/** Records of an outer system, landed in bronze as they came. */
export interface SourceModel extends ModelBase {
  readonly kind: 'source';
  /** A file of `activities/extract/`, in snake case: `json_lines`, `table`. */
  readonly reader: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** How long landed rows are kept that every load has passed; null: for ever. */
  readonly retention: { readonly days: number } | null;
}

/** How a model reads what it is built from. */
export type Shape =
  /** Each row comes from one row of `delta.<delta>`. */
  | { readonly kind: 'map'; readonly delta: string }
  /** Keys are recomputed from whole relations; each query says which keys new rows of its delta touch. */
  | { readonly kind: 'touched'; readonly queries: readonly TouchedQuery[] }
  /** Whole relations, every time. */
  | { readonly kind: 'whole' };

/** A table that loads publish into. */
export interface PublishedModel extends ModelBase {
  readonly kind: 'incremental' | 'full_refresh' | 'history';
  readonly uniqueKey: readonly string[];
  readonly gates: { readonly input: GateHeader | null; readonly output: GateHeader | null };
  /** Why there is no gate; null where there is one. */
  readonly gateReason: string | null;
  readonly shape: Shape;
  readonly onSchemaChange: OnSchemaChange;
  readonly partitioning: Partitioning | null;
  readonly freshness: Freshness | null;
  /** Share of its rows, 0 to 1, that one load may take away before its output gate fails; null: any. */
  readonly maxShrink: number | null;
  /** The SELECT as written, without header and without a last semicolon. */
  readonly sql: string;
  readonly references: readonly Reference[];
}

/** A view: nothing is loaded, readers see what it is built from. */
export interface ViewModel extends ModelBase {
  readonly kind: 'view';
  readonly gateReason: string | null;
  readonly sql: string;
  readonly references: readonly Reference[];
}

export type Model = SourceModel | PublishedModel | ViewModel;

/** Columns of every bronze table beside its own; a mapping model carries the first four through its SELECT. */
export const versionColumns = ['_source', '_revision', '_load', '_position'] as const;

/** True for a model that is gated, staged and published. */
export function isPublished(model: Model): model is PublishedModel {
  return model.kind !== 'source' && model.kind !== 'view';
}

/** True for a model that lands records of an outer system. */
export function isSource(model: Model): model is SourceModel {
  return model.kind === 'source';
}

/** True for a source whose rows come from files of a folder: one that is delivered again is a new revision. */
export function hasRevisions(model: Model): boolean {
  return isSource(model) && typeof model.settings['folder'] === 'string';
}

/** True for a source of which bronze has the state now and not what arrived: a row that changes there goes and comes again here. */
export function isState(model: Model): boolean {
  return isSource(model) && stateReaders.includes(model.reader);
}

const stateReaders: readonly string[] = ['table', 'postgres_hash'];

/** One thing wrong with a model's file, and what to do about it. */
export interface ModelProblem {
  readonly file: string;
  readonly line: number;
  readonly problem: string;
  readonly mend: string;
}

/** Thrown when models cannot be used; `problems` has all of them at once. */
export class ModelRefused extends Error {
  override readonly name = 'ModelRefused';
  readonly problems: readonly ModelProblem[];

  constructor(problems: readonly ModelProblem[]) {
    super(problems.map((one) => `${one.file}:${one.line}: ${one.problem}. ${one.mend}`).join('\n'));
    this.problems = problems;
  }
}
