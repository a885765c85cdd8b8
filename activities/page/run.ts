import { sql } from 'kysely';
import type { PageDeps } from '../page.ts';
import { backfillDedupKey, runDedupKey } from './dedup-key.ts';
import { runFacts } from './facts.ts';
import type { Failed } from './incident-row.ts';
import { pageGraph } from './lineage.ts';
import type { BackfillScope, RunFailedPage, RunSucceededPage } from './page-input.ts';
import { runFailedEvent, runSucceededEvent } from './run-event.ts';
import { tellFailure, tellGood } from './tell.ts';
import type { Database } from '../databases.ts';

/** A run failed for another reason than a gate. */
export async function tellRunFailed(deps: PageDeps, page: RunFailedPage): Promise<string | null> {
  const { environment, links } = deps;
  const { pipeline, run, scope = null, relation = null } = page;
  const dedupKey =
    scope === null ? runDedupKey(environment, pipeline) : backfillDedupKey(environment, pipeline, scope);
  const graph = await pageGraph(deps.folders);
  const about = relation === null ? undefined : graph.graph?.byName.get(relation);
  const facts = await runFacts(deps.databases.loader, dedupKey, page, graph);
  const event = runFailedEvent(page, {
    ...{ environment, links, dedupKey, facts },
    owner: about?.owner ?? null,
    tier: about?.tier ?? null,
  });
  const failed: Failed = {
    ...{ dedupKey, occasion: event.eventId, kind: 'runFailed', model: null, suite: null, pipeline },
    ...{ verdictId: null, loadId: null, run, firstFailedAt: facts.firstFailedAt },
    // An interval of the past says nothing of what its models read now.
    ...{ relation: scope === null ? relation : null, reads: scope === null ? graph.reads(relation) : [] },
    ...{ owner: event.owner, tier: event.tier, severity: event.severity, scope, event },
  };
  return await tellFailure(deps, failed, { graph, because: null, pressed: false });
}

/** A run went through: the incident of the earlier one that failed resolves; of a backfill those within its range. */
export async function tellRunSucceeded(deps: PageDeps, page: RunSucceededPage): Promise<string | null> {
  const { environment, links } = deps;
  const { pipeline, scope } = page;
  const keys =
    scope === undefined
      ? [runDedupKey(environment, pipeline)]
      : await coveredBackfills(deps.databases.loader, environment, { pipeline, scope });
  let told: string | null = null;
  for (const dedupKey of keys) {
    const key = await tellGood(deps, {
      ...{ dedupKey, verdictId: null },
      event: (incident) => runSucceededEvent(page, { environment, links, dedupKey }, incident),
    });
    told ??= key;
  }
  return told;
}

/**
 * The open incidents of failed backfills that one which went through answers for: from the interval that failed to the end
 * of the range all was loaded, and of all models that were asked for. What an earlier version opened names no range.
 */
export async function coveredBackfills(
  db: Database,
  environment: string,
  { pipeline, scope }: { readonly pipeline: string; readonly scope: BackfillScope },
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('control.incident')
    .select('dedup_key')
    .where('state', '=', 'open')
    .where((is) =>
      is.or([
        is('pipeline', '=', pipeline).and(sql<string>`split_part(dedup_key, '/', 2)`, '=', environment),
        is('dedup_key', '=', runDedupKey(environment, pipeline)),
      ]),
    )
    .where(
      sql<boolean>`(scope is null or (
        (scope ->> 'start')::timestamptz >= ${scope.start}::timestamptz and (scope ->> 'end')::timestamptz <= ${scope.end}::timestamptz
        and (${scope.models === null} or (pg_catalog.jsonb_typeof(scope -> 'models') = 'array'
          and scope -> 'models' <@ ${JSON.stringify(scope.models ?? [])}::jsonb))))`,
    )
    .orderBy('opened_at')
    .execute();
  return rows.map(({ dedup_key }) => dedup_key);
}
