import type { JsonSchema } from '../json-schema.ts';

const text: JsonSchema = { type: ['string', 'null'], minLength: 1 };
const onFailure: JsonSchema = {
  enum: ['hold', 'quarantine', 'continue', null],
  description:
    'What happens to the data: hold the batch, set the failing rows aside, or go on. By default a critical failure holds and the others go on.',
};
const share: JsonSchema = {
  type: ['number', 'null'],
  minimum: 0,
  maximum: 1,
  description: 'Share of the batch, 0 to 1, up to which failing rows may be set aside.',
};
const proofs: JsonSchema = {
  type: ['boolean', 'null'],
  description: 'False: measure also what a constraint proves.',
};

/** `meta` with what Weir reads under `weir`; everything beside it belongs to others. */
function metaSchema(description: string, properties: JsonSchema): JsonSchema {
  return {
    type: ['object', 'null'],
    properties: {
      weir: { type: ['object', 'null'], description, additionalProperties: false, properties },
    },
  };
}

/** JSON Schema of a suite's `meta`. */
export const suiteMetaSchema = metaSchema('What Weir reads; Great Expectations keeps it as it is.', {
  owner: { ...text, description: 'Who answers for the data.' },
  runbook: { ...text, description: 'What to do when it fails: a path or an address.' },
  on_failure: onFailure,
  quarantine_share: share,
  proofs,
});

/** JSON Schema of an expectation's `meta`. */
export const expectationMetaSchema = metaSchema('What Weir reads; it stands over what the suite says.', {
  on_failure: onFailure,
  quarantine_share: share,
  proofs,
  order_by: {
    type: ['array', 'null'],
    items: { type: 'string', minLength: 1 },
    description: 'Columns that give the rows their order, where a promise is about order.',
  },
});
