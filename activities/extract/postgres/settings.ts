import type { SourceModel } from '../../../models/model.ts';
import type { SettingProblem } from '../reader.ts';

/** Settings of every reader of another Postgres. */
export interface PostgresSettings {
  /** Whose URL `WEIR_SOURCE_<NAME>_URL` has. */
  readonly connection: string;
  /** `schema.name`. */
  readonly relation: string;
  /** Columns that know a row; none where the reader asks for none. */
  readonly key: readonly string[];
}

const namePattern = /^[a-z_][a-z0-9_]*$/;

/** Whether a text is `schema.name`, of plain names. */
export function isRelation(relation: unknown): relation is string {
  return (
    typeof relation === 'string' &&
    relation.split('.').length === 2 &&
    relation.split('.').every((part) => namePattern.test(part))
  );
}

/** What is wrong with the settings that these readers share. */
export function checkPostgresSettings({ settings }: SourceModel): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  const { connection, relation } = settings;
  if (typeof connection !== 'string' || !namePattern.test(connection)) {
    problems.push({
      problem: 'settings.connection is not a name',
      mend: 'Write for example connection: crm, and give the worker its URL as WEIR_SOURCE_CRM_URL.',
    });
  }
  if (!isRelation(relation)) {
    problems.push({
      problem: 'settings.relation is not schema.name',
      mend: 'Write for example relation: public.customers.',
    });
  }
  return problems;
}

/** What is wrong with `settings.key`. */
export function checkKey({ settings, columns }: SourceModel): readonly SettingProblem[] {
  const { key } = settings;
  const names = Object.keys(columns);
  if (Array.isArray(key) && key.length > 0 && key.every((one) => names.some((name) => name === one)))
    return [];
  return [
    {
      problem: 'settings.key does not list columns of the source',
      mend: `They are ${names.join(', ')}.`,
    },
  ];
}

/** The settings of a source that `checkPostgresSettings` has nothing against. */
export function postgresSettings({ settings }: SourceModel): PostgresSettings {
  const { connection, relation, key } = settings;
  return {
    connection: String(connection),
    relation: String(relation),
    key: Array.isArray(key) ? key.map(String) : [],
  };
}
