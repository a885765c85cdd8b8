import type { Connections } from '../connect.ts';
import { readFound, type FoundRun } from './found-run.ts';
import { linkTo } from './link.ts';
import { visibilityQuery, type RunFilter } from './visibility-query.ts';

/** Runs of a page; Temporal gives at most 1000. */
const PAGE = 100;

/**
 * Finds runs, those that go on first, then by when they ended. Visibility answers in pages; as many of them are asked for
 * as the limit needs.
 */
export async function findRuns(
  { client, settings, namespace }: Pick<Connections, 'client' | 'settings' | 'namespace'>,
  filter: RunFilter,
  limit: number,
  pageSize = Math.min(limit, PAGE),
): Promise<readonly FoundRun[]> {
  const how = { linkTo: linkTo(settings, namespace), now: new Date() };
  const found: Promise<FoundRun>[] = [];
  for await (const info of client.workflow.list({ query: visibilityQuery(filter), pageSize })) {
    found.push(readFound(client, info, how));
    if (found.length >= limit) break;
    // No more than a page of failures is asked for side by side.
    if (found.length % PAGE === 0) await Promise.all(found.slice(-PAGE));
  }
  return await Promise.all(found);
}
