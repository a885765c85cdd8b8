import { daysPattern, durationPattern } from './duration.ts';

/** A name as Weir writes it into SQL: no quoting needed, nothing to escape. */
export const namePattern = '^[a-z_][a-z0-9_]{0,62}$';

const name = { type: 'string', pattern: namePattern };
const names = { type: 'array', items: name, minItems: 1, uniqueItems: true };
const text = { type: 'string', minLength: 1 };
const schedule = { enum: ['minute', 'hourly', 'daily'], description: 'The pipeline that loads it.' };

const gate = {
  type: 'object',
  additionalProperties: false,
  required: ['suite'],
  properties: {
    suite: { ...name, description: 'A file of expectations/suites, without .json.' },
    on_failure: {
      enum: ['hold', 'quarantine', 'continue'],
      description:
        'What happens to the data when a promise is broken, where neither it nor its suite says so.',
    },
    quarantine_share: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: 'Share of the batch up to which rows are set aside.',
    },
    parameters: {
      type: 'object',
      description: "Values of the suite's $PARAMETERs: a literal, a list, or {query: select …}.",
      additionalProperties: {
        anyOf: [
          { type: ['string', 'number', 'boolean', 'null'] },
          { type: 'array', items: { type: ['string', 'number', 'boolean'] } },
          { type: 'object', additionalProperties: false, required: ['query'], properties: { query: text } },
        ],
      },
    },
  },
};

const described = {
  kind: { type: 'string', description: 'How it is built.' },
  schedule,
  owner: { ...text, description: 'The team that is asked about it.' },
  tier: {
    enum: [1, 2, 3],
    default: 2,
    description: 'How much hangs on it, 1 the most: pages say it, and whom to tell may be chosen by it.',
  },
  description: { ...text, description: 'What it says, for people who read the table.' },
  grain: { ...text, description: 'What one row is.' },
  runbook: { ...text, description: 'What on-call reads when it is held.' },
  time_column: { ...name, description: 'The column that windows by event time read.' },
  grants: {
    type: 'object',
    additionalProperties: false,
    required: ['select'],
    description: 'Roles that may read it, beside those that Weir has itself.',
    properties: { select: { type: 'array', items: name, uniqueItems: true } },
  },
};

const column = {
  type: 'object',
  additionalProperties: false,
  required: ['description'],
  properties: {
    description: { ...text, description: 'What it says.' },
    personal: {
      type: 'boolean',
      description:
        'Personal data: no value of it leaves the database. false says that what is made of some is none.',
    },
  },
};

const columns = {
  type: 'object',
  description: 'What its columns say.',
  propertyNames: name,
  additionalProperties: column,
};

const sourceHeader = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'schedule', 'owner', 'description', 'grain', 'reader', 'settings', 'columns'],
  properties: {
    ...described,
    reader: { ...name, description: 'How it is read: a file of activities/extract, in snake case.' },
    settings: { type: 'object', description: 'What the reader needs to know.' },
    retention: {
      type: 'string',
      pattern: daysPattern,
      examples: ['90 days'],
      description: 'How long rows are kept that every load has passed; for ever when left out.',
    },
    columns: {
      type: 'object',
      description: 'Its columns, with their Postgres types.',
      minProperties: 1,
      propertyNames: name,
      additionalProperties: {
        ...column,
        required: ['type'],
        properties: { ...column.properties, type: { ...text, description: 'The Postgres type.' } },
      },
    },
  },
};

const freshness = {
  type: 'object',
  additionalProperties: false,
  required: ['objective', 'target'],
  description: 'How old its newest rows may be, and in which share of the time.',
  properties: {
    objective: { type: 'string', pattern: durationPattern, examples: ['75 minutes', '2 h', '1 day'] },
    target: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
  },
};

const partitioning = {
  type: 'object',
  additionalProperties: false,
  required: ['by', 'column'],
  description: 'Splits the table by day or month of a date or timestamp of its key.',
  properties: { by: { enum: ['day', 'month'] }, column: name },
};

const publishedHeader = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'schedule', 'owner', 'description', 'grain', 'unique_key'],
  properties: {
    ...described,
    unique_key: { ...names, description: 'Columns that no two rows share: rows are merged by them.' },
    gates: {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      description:
        'Suites that must hold: input reads the window as it landed, output what would be published.',
      properties: { input: gate, output: gate },
    },
    gate: { const: 'none', description: 'Nothing has to hold; gate_reason says why.' },
    gate_reason: { ...text, description: 'Why nothing has to hold.' },
    touched: {
      type: 'object',
      minProperties: 1,
      description: 'For each delta a SELECT of the keys that new rows of it ask to be recomputed.',
      propertyNames: name,
      additionalProperties: text,
    },
    on_schema_change: {
      enum: ['fail', 'append_new_columns', 'sync_all_columns'],
      default: 'fail',
      description: 'What weir migrate does when the columns of the SELECT are no longer those of the table.',
    },
    indexes: { type: 'array', items: names, description: 'Columns of each index.' },
    partitioning,
    freshness,
    max_shrink: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: 'Share of its rows that one load may take away; one that takes more is held.',
    },
    columns,
  },
};

const viewHeader = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'schedule', 'owner', 'description', 'grain', 'gate', 'gate_reason'],
  properties: {
    ...described,
    gate: publishedHeader.properties.gate,
    gate_reason: publishedHeader.properties.gate_reason,
    columns,
  },
};

/** JSON Schema (draft-07) of a model's header, by its kind. */
export const headerSchemas: Readonly<Record<string, object>> = {
  source: sourceHeader,
  incremental: publishedHeader,
  full_refresh: publishedHeader,
  history: publishedHeader,
  view: viewHeader,
};

/**
 * One JSON Schema (draft-07) of every header, for editors: `models/header.schema.json` is made of it.
 *
 * @see https://json-schema.org/draft-07/json-schema-validation#rfc.section.6.6 for `if` and `then`.
 */
export function editorSchema(): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: "Header of a model's file",
    description: 'Made by `npm run gen` from models/header-schema.ts. Not for editing.',
    type: 'object',
    required: ['kind'],
    properties: { kind: { enum: Object.keys(headerSchemas) } },
    allOf: Object.entries(headerSchemas).map(([kind, schema]) => ({
      if: { required: ['kind'], properties: { kind: { const: kind } } },
      // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's own word
      then: schema,
    })),
  };
}
