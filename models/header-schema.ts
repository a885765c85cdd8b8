/** A name as Weir writes it into SQL: no quoting needed, nothing to escape. */
export const namePattern = '^[a-z_][a-z0-9_]{0,62}$';

const name = { type: 'string', pattern: namePattern };
const names = { type: 'array', items: name, minItems: 1, uniqueItems: true };
const text = { type: 'string', minLength: 1 };
const schedule = { enum: ['hourly', 'daily'] };

const gate = {
  type: 'object',
  additionalProperties: false,
  required: ['suite'],
  properties: {
    suite: name,
    on_failure: { enum: ['hold', 'quarantine', 'continue'] },
    quarantine_share: { type: 'number', minimum: 0, maximum: 1 },
    parameters: {
      type: 'object',
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
  kind: { type: 'string' },
  schedule,
  owner: text,
  description: text,
  grain: text,
  runbook: text,
  time_column: name,
};

const column = {
  type: 'object',
  additionalProperties: false,
  required: ['description'],
  properties: { description: text, personal: { type: 'boolean' } },
};

const columns = { type: 'object', propertyNames: name, additionalProperties: column };

const sourceHeader = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'schedule', 'owner', 'description', 'grain', 'reader', 'settings', 'columns'],
  properties: {
    ...described,
    reader: name,
    settings: { type: 'object' },
    columns: {
      type: 'object',
      minProperties: 1,
      propertyNames: name,
      additionalProperties: {
        ...column,
        required: ['type'],
        properties: { ...column.properties, type: text },
      },
    },
  },
};

const publishedHeader = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'schedule', 'owner', 'description', 'grain', 'unique_key'],
  properties: {
    ...described,
    unique_key: names,
    gates: {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      properties: { input: gate, output: gate },
    },
    gate: { const: 'none' },
    gate_reason: text,
    touched: { type: 'object', minProperties: 1, propertyNames: name, additionalProperties: text },
    indexes: { type: 'array', items: names },
    columns,
  },
};

const viewHeader = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'schedule', 'owner', 'description', 'grain', 'gate', 'gate_reason'],
  properties: { ...described, gate: { const: 'none' }, gate_reason: text, columns },
};

/** JSON Schema (draft-07) of a model's header, by its kind. */
export const headerSchemas: Readonly<Record<string, object>> = {
  source: sourceHeader,
  incremental: publishedHeader,
  full_refresh: publishedHeader,
  history: publishedHeader,
  view: viewHeader,
};
