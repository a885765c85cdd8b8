import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';

/** By what runs can be found. Codes and names, never values: search attributes are stored in plain text. */
export const searchAttributes = {
  WeirPipeline: 'Keyword',
  WeirGateState: 'Keyword',
  WeirFailedSuites: 'KeywordList',
  WeirModels: 'KeywordList',
  WeirIntervalStart: 'Datetime',
  WeirIntervalEnd: 'Datetime',
} as const satisfies Record<string, 'Keyword' | 'KeywordList' | 'Datetime'>;

const { IndexedValueType } = proto.temporal.api.enums.v1;

const types = {
  Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  KeywordList: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
  Datetime: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
} as const;

/**
 * Registers Weir's search attributes with a namespace; those that are there stay.
 *
 * @throws Error when one exists with another type (its type cannot be changed), or the caller may not register any.
 */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing: Record<string, number> = {};
  for (const [name, type] of Object.entries(searchAttributes)) {
    const found = customAttributes?.[name];
    if (found === undefined) missing[name] = types[type];
    else if (found !== types[type])
      throw new Error(
        `search attribute ${name} of namespace ${namespace} is registered with another type; Weir needs ${type}. ` +
          `Remove it (temporal operator search-attribute remove --name ${name}) or use another namespace`,
      );
  }
  if (Object.keys(missing).length > 0)
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
}

/** A search attribute that is not as Weir needs it. */
export interface SearchAttributeProblem {
  readonly name: string;
  /** What Weir needs. */
  readonly type: string;
  /** What it is now; null where it is not registered. */
  readonly registeredAs: string | null;
}

/** Looks which of Weir's search attributes a namespace lacks, or has with another type. */
export async function searchAttributeProblems(
  connection: Connection,
  namespace: string,
): Promise<readonly SearchAttributeProblem[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.entries(searchAttributes).flatMap(([name, type]) => {
    const found = customAttributes?.[name];
    if (found === types[type]) return [];
    const registered = Object.entries(types).find(([, value]) => value === found)?.[0];
    return [{ name, type, registeredAs: found === undefined ? null : (registered ?? 'another type') }];
  });
}
