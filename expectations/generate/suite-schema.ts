import type { ExpectationType } from '../define-expectation.ts';
import { isList, isObject } from '../json.ts';
import type { Json } from '../json.ts';
import { acceptsNumber, acceptsOnlyBoolean, acceptsOnlyText } from '../json-schema.ts';
import type { JsonSchema } from '../json-schema.ts';
import { fixedArguments } from '../parameter-use.ts';
import { conditionSchemas } from './condition-schema.ts';
import { expectationMetaSchema, suiteMetaSchema } from './meta-schema.ts';

const reference = (name: string): JsonSchema => ({ $ref: `#/definitions/${name}` });

const parameterSchema: JsonSchema = {
  type: 'object',
  description:
    'A value that comes with the run: a name, or an expression such as now() - timedelta(minutes=lag).',
  required: ['$PARAMETER'],
  properties: { $PARAMETER: { type: 'string' } },
  patternProperties: { '^\\$PARAMETER\\.': { description: 'The value of a parameter, written beside it.' } },
  additionalProperties: false,
};

/** What Great Expectations also takes: a number as text, true for 1, yes for true, a number for text. */
function looselyRead(schema: JsonSchema): readonly JsonSchema[] {
  if (acceptsNumber(schema))
    return [
      { type: 'string', pattern: '^\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?\\s*$' },
      { type: 'boolean' },
    ];
  if (acceptsOnlyBoolean(schema)) return [{ type: 'string', pattern: '^[A-Za-z01.]+$' }, { enum: [0, 1] }];
  return acceptsOnlyText(schema) && !('minLength' in schema) ? [{ type: 'number' }] : [];
}

/**
 * The JSON Schema of a suite, for editors: draft 7, which is what they read. Whatever it refuses, `parseSuite` refuses
 * too; the other way round it leaves out what a schema cannot say, such as names of parameters that nobody gives.
 *
 * @see https://json-schema.org/draft-07
 */
export function suiteSchema(types: Readonly<Record<string, ExpectationType>>): JsonSchema {
  const repeated = repeatedArguments(Object.values(types));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A Great Expectations suite, as Weir reads it',
    description: 'Made by `npm run gen` from the files of expectations/types. Not for editing.',
    ...suiteShape,
    definitions: {
      parameter: parameterSchema,
      ...conditionSchemas,
      suiteMeta: suiteMetaSchema,
      expectationMeta: expectationMetaSchema,
      plainValues: {
        type: ['object', 'null'],
        description: 'Values of parameters where whoever runs the suite gives none.',
        additionalProperties: { type: ['string', 'number', 'boolean', 'null', 'array'] },
      },
      expectation: expectationSchema(types),
      ...Object.fromEntries([...repeated].map(([text, name]): [string, Json] => [name, JSON.parse(text)])),
      ...Object.fromEntries(
        Object.entries(types).map(([name, kind]) => [name, kwargsSchema(kind, repeated)]),
      ),
    },
  };
}

const suiteShape: JsonSchema = {
  type: 'object',
  required: ['expectations'],
  additionalProperties: false,
  properties: {
    name: { description: 'The name of the suite.' },
    id: { description: 'Written by Great Expectations.' },
    expectations: {
      type: 'array',
      minItems: 1,
      description: 'What is promised, in order.',
      items: reference('expectation'),
    },
    suite_parameters: { description: 'Values of parameters where whoever runs the suite gives none.' },
    meta: reference('suiteMeta'),
    notes: { description: 'Anything that helps who reads the suite.' },
    expectation_suite_name: { description: 'The name, before Great Expectations 1.0.' },
    evaluation_parameters: { description: 'suite_parameters, before Great Expectations 1.0.' },
    data_asset_type: { description: 'Before Great Expectations 1.0; not read.' },
    ge_cloud_id: { description: 'Before Great Expectations 1.0; not read.' },
  },
  anyOf: [
    { required: ['name'], properties: { name: { type: 'string', minLength: 1 } } },
    {
      required: ['expectation_suite_name'],
      properties: { name: { type: 'null' }, expectation_suite_name: { type: 'string', minLength: 1 } },
    },
  ],
  if: { required: ['suite_parameters'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { properties: { suite_parameters: reference('plainValues') } },
  else: { properties: { evaluation_parameters: reference('plainValues') } },
};

function expectationSchema(types: Readonly<Record<string, ExpectationType>>): JsonSchema {
  const names = Object.keys(types);
  const named: JsonSchema = {
    type: 'string',
    description: 'What kind of promise.',
    enum: names,
    markdownEnumDescriptions: names.map((name) => types[name]?.docs.promise ?? ''),
  };
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      type: named,
      expectation_type: { description: 'type, before Great Expectations 1.0.' },
      kwargs: { type: ['object', 'null'], description: 'The arguments.' },
      severity: {
        enum: ['critical', 'warning', 'info'],
        description: 'How loud a failure is; critical where nothing is said.',
      },
      meta: reference('expectationMeta'),
      notes: { description: 'Why it is promised: the figure it came from, who asked for it.' },
      description: { description: 'The promise in words; made from the arguments where it is left out.' },
      id: { description: 'Written by Great Expectations; no two are the same.' },
      rendered_content: { description: 'Written by Great Expectations; not read.' },
      expectation_context: { description: 'Written by Great Expectations; not read.' },
      windows: { description: 'Written by Great Expectations; not read.' },
      success_on_last_run: { description: 'Before Great Expectations 1.0; not read.' },
      ge_cloud_id: { description: 'Before Great Expectations 1.0; not read.' },
    },
    anyOf: [
      { required: ['type'] },
      { required: ['expectation_type'], properties: { expectation_type: named } },
    ],
    allOf: Object.entries(types).map(([name, kind]) => argumentsOf(name, kind)),
  };
}

/** Which arguments belong to a type, whichever key names it. */
function argumentsOf(name: string, kind: ExpectationType): JsonSchema {
  const older = {
    not: { required: ['type'] },
    required: ['expectation_type'],
    properties: { expectation_type: { const: name } },
  };
  const required = isList(kind.schema['required']) ? kind.schema['required'] : [];
  return {
    if: { anyOf: [{ required: ['type'], properties: { type: { const: name } } }, older] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: {
      ...(required.length === 0 ? {} : { required: ['kwargs'] }),
      properties: { kwargs: reference(name) },
    },
  };
}

/** Names under which arguments that several kinds have are defined once, by their schema as text. */
type Repeated = ReadonlyMap<string, string>;

function repeatedArguments(kinds: readonly ExpectationType[]): Repeated {
  const found = new Map<string, { readonly name: string; kinds: number }>();
  for (const kind of kinds) {
    for (const name of Object.keys(kind.properties)) {
      const text = JSON.stringify(argumentSchema(name, kind));
      const seen = found.get(text) ?? { name, kinds: 0 };
      seen.kinds += 1;
      found.set(text, seen);
    }
  }
  const often = [...found].filter(([, { kinds: uses }]) => uses > 2);
  return new Map(often.map(([text, { name }], place) => [text, `${name}_${place + 1}`]));
}

function kwargsSchema(kind: ExpectationType, repeated: Repeated): JsonSchema {
  const required = isList(kind.schema['required']) ? kind.schema['required'] : [];
  const properties = Object.keys(kind.properties).map((name): [string, Json] => {
    const own = argumentSchema(name, kind);
    const shared = repeated.get(JSON.stringify(own));
    return [name, shared === undefined ? own : reference(shared)];
  });
  return {
    description: kind.docs.promise,
    type: required.length === 0 ? ['object', 'null'] : 'object',
    required,
    additionalProperties: false,
    properties: Object.fromEntries(properties),
    ...('row_condition' in kind.properties ? { allOf: [reference('conditionParser')] } : {}),
  };
}

function argumentSchema(name: string, kind: ExpectationType): Json {
  const schema = kind.properties[name] ?? {};
  if (name === 'row_condition') return reference('rowCondition');
  const alternatives = [...(hasRule(schema) ? [forEditors(without(schema))] : []), ...looselyRead(schema)];
  const fixed = fixedArguments.includes(name) || (name === 'column_list' && 'mostly' in kind.properties);
  const all = fixed || alternatives.length === 0 ? alternatives : [...alternatives, reference('parameter')];
  const { description = '' } = schema;
  const [only] = all;
  if (all.length === 1 && isObject(only)) return { description, ...only };
  return all.length === 0 ? { description } : { description, anyOf: all };
}

function without(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== 'description'));
}

/** Anything at all may stand where nothing is asked. */
function hasRule(schema: JsonSchema): boolean {
  return Object.keys(without(schema)).length > 0;
}

/** A schema without the formats that only Weir knows: an editor would take any text for them. */
function forEditors(schema: Json): Json {
  if (isList(schema)) return schema.map(forEditors);
  if (!isObject(schema)) return schema;
  const entries = Object.entries(schema).map(([key, value]): [string, Json] =>
    key === 'format' ? ['pattern', '\\d|[Ii][Nn][Ff]'] : [key, forEditors(value)],
  );
  return Object.fromEntries(entries);
}
