import { grantsOf } from '../../../activities/deploy/grants.ts';
import type { Login } from '../../../infra/local/logins.ts';
import type { Model } from '../../../models/model.ts';

/** The logins that somebody connects as. */
export const connecting = [
  'weir_loader',
  'weir_publisher',
  'weir_validator',
  'weir_analytics_reader',
  'weir_catalogue_reader',
] as const satisfies readonly Login[];

/** A right that a login has to have. */
export interface Need {
  readonly login: string;
  /** A relation with its schema, or a schema. */
  readonly object: string;
  readonly privilege: string;
}

/** Of the books: what each login cannot work without. The migrations grant it, and more beside it. */
const BOOKS: readonly (readonly [login: Login, privileges: string, tables: string])[] = [
  [
    'weir_loader',
    'select',
    'load landing retraction watermark target lease gate_run gate_result decision incident quarantine',
  ],
  ['weir_loader', 'insert update', 'load landing incident target'],
  ['weir_loader', 'insert update delete', 'lease quarantine gate_result'],
  ['weir_loader', 'insert', 'retraction decision gate_run gate_figure batch_quarantine'],
  [
    'weir_loader',
    'select insert update delete',
    'freshness_sample availability_slot objective_hour objective_promise objective_alarm',
  ],
  ['weir_loader', 'select', 'objective'],
  ['weir_loader', 'select insert update delete', 'promise promise_span'],
  ['weir_loader', 'select insert delete', 'promise_result'],
  ['weir_publisher', 'select', 'load landing retraction watermark target lease gate_run decision quarantine'],
  ['weir_publisher', 'insert update delete', 'watermark target lease'],
  ['weir_publisher', 'insert update', 'load quarantine'],
  [
    'weir_catalogue_reader',
    'select',
    'promise promise_result promise_span gate_run decision load watermark target lease landing source_watermark incident objective',
  ],
];

const SCHEMAS: Readonly<Record<(typeof connecting)[number], string>> = {
  weir_loader: 'bronze silver gold semantic delta touched changes control candidate as_of',
  weir_publisher: 'bronze silver gold semantic delta touched changes control as_of',
  weir_validator: 'bronze silver gold delta candidate as_of',
  weir_analytics_reader: 'gold semantic',
  weir_catalogue_reader: 'control',
};

/** Rights on tables and views: of the books, and of each model's relations as deploy grants them. */
export function neededOnTables(models: readonly Model[]): readonly Need[] {
  const books = BOOKS.flatMap(([login, privileges, tables]) =>
    tables
      .split(' ')
      .flatMap((table) =>
        privileges.split(' ').map((privilege) => ({ login, object: `control.${table}`, privilege })),
      ),
  );
  const relations = models
    .flatMap(grantsOf)
    .flatMap(([privileges, object, logins]) =>
      logins
        .split(', ')
        .flatMap((login) => privileges.split(', ').map((privilege) => ({ login, object, privilege }))),
    );
  return [...books, ...relations];
}

/** Rights to look into schemas. */
export function neededOnSchemas(): readonly Need[] {
  return Object.entries(SCHEMAS).flatMap(([login, schemas]) =>
    schemas.split(' ').map((object) => ({ login, object, privilege: 'usage' })),
  );
}
