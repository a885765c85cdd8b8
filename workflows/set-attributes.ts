import type { SearchAttributePair, SearchAttributeType } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';

/**
 * Sets search attributes, leaving out those that the run has already: whoever starts many runs hands them in, and saves
 * the server an event and a write each.
 */
export function setAttributes(pairs: readonly SearchAttributePair[]): void {
  const { typedSearchAttributes } = workflowInfo();
  const changed = pairs.filter(
    (pair) => !isSame(typedSearchAttributes.get<SearchAttributeType>(pair.key), pair.value),
  );
  if (changed.length > 0) upsertSearchAttributes(changed);
}

function isSame(had: unknown, wanted: unknown): boolean {
  return had !== undefined && JSON.stringify(had) === JSON.stringify(wanted);
}
