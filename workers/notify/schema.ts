import type { NotifierType } from '../../activities/notifiers/notifier.ts';

/** A secret, by the name of where it is: never the secret itself. */
const secret = (description: string) => ({
  type: 'object',
  description: `${description}. By name: {env: NAME_OF_A_VARIABLE} or {file: PATH}.`,
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: {
    env: {
      type: 'string',
      pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
      description: 'A variable of the worker’s environment.',
    },
    file: {
      type: 'string',
      minLength: 1,
      description: 'A file; from the routing file’s folder where it is no whole path.',
    },
  },
});

/** One value, or a list of them. */
function oneOrMore(item: object, description: string) {
  return { description, anyOf: [item, { type: 'array', minItems: 1, uniqueItems: true, items: item }] };
}

const text = { type: 'string', minLength: 1 };
const like = 'A * stands for anything.';

const route = {
  type: 'object',
  additionalProperties: false,
  required: ['to'],
  properties: {
    severity: oneOrMore({ enum: ['critical', 'error', 'warning', 'info'] }, 'How loud it is.'),
    tier: oneOrMore({ enum: [1, 2, 3] }, 'How much hangs on the model, 1 the most.'),
    owner: oneOrMore(text, `The owner in the model's header. ${like}`),
    class: oneOrMore(text, `What it is: "gate held", "run failed", "freshness". ${like}`),
    pipeline: oneOrMore(text, `The pipeline it is about. ${like}`),
    model: oneOrMore(text, `The model it is about. ${like}`),
    to: oneOrMore(text, 'Receivers, by their names above.'),
    goes_on: {
      type: 'boolean',
      description: 'Also ask the routes below; else the first that matches is the last.',
    },
  },
};

/** The JSON Schema of a routing file, for the kinds of notifier that there are; editors use `infra/notify.schema.json`. */
export function notifySchema(types: ReadonlyMap<string, NotifierType>) {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Who is told what',
    type: 'object',
    additionalProperties: false,
    required: ['receivers', 'routes'],
    properties: {
      receivers: {
        type: 'object',
        minProperties: 1,
        description: 'Those who can be told, by names of your own.',
        propertyNames: { pattern: '^[a-z][a-z0-9-]{0,39}$' },
        additionalProperties: {
          type: 'object',
          required: ['type'],
          properties: { type: { enum: [...types.keys()], description: 'The kind of notifier.' } },
          allOf: [...types].map(([name, { secrets, description }]) => ({
            if: { required: ['type'], properties: { type: { const: name } } },
            // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's word
            then: {
              description,
              additionalProperties: false,
              required: Object.keys(secrets),
              properties: {
                type: {},
                ...Object.fromEntries(Object.entries(secrets).map(([key, what]) => [key, secret(what)])),
              },
            },
          })),
        },
      },
      routes: {
        type: 'array',
        minItems: 1,
        items: route,
        description:
          'Asked from the top. The last one has to match everything, so that nothing is told to nobody.',
      },
    },
  };
}
