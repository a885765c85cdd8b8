import { sql, type RawBuilder } from 'kysely';
import { deltasOf } from '../../models/deltas.ts';
import type { Graph } from '../../models/graph.ts';
import { isPublished, isState } from '../../models/model.ts';
import type { PublishedModel } from '../../models/model.ts';

/*
 * The one definition of age. What readers see of a model is as old as the moment at which the last load that brought
 * something fixed its window: everything that had arrived by then is published, its newest row is not younger. A load whose
 * window was empty brings nothing, so a source that falls silent lets its models grow old; of a model that only reads the
 * state of another database an empty window says that nothing changed there, and counts. A model that reads whole relations
 * is no younger than the models it reads. Loads of a range, replays, and rebuilds that found nothing new say nothing about
 * what is newest.
 */

/** Whether a load, `l` of the ledger, brought something that counts as new. */
export function broughtSomething(graph: Graph): RawBuilder<boolean> {
  return sql<boolean>`(not l.read_window ? 'replayOf' and (
    l.state = 'published' and l.read_window ->> 'kind' <> 'interval'
      and (not l.read_window ? 'rebuild' or l.rows_inserted > 0)
    or l.state = 'empty' and l.read_window ->> 'kind' = 'arrival' and l.model = any (${quietModels(graph)}::text[])))`;
}

/**
 * A query of one row a published model: `model` and `current_to`, the time by which everything that had arrived is
 * published; NULL of a model that nothing was published of, or that reads whole what has not been.
 *
 * @param at a `timestamptz`: what had not been published by then does not count.
 */
export function currentTo(graph: Graph, at: RawBuilder<unknown>): RawBuilder<unknown> {
  const bounds = boundsOf(graph);
  return sql`
    select bound.model, case when bool_or(own.up_to is null) then null else min(own.up_to) end as current_to
    from unnest(${bounds.map(({ model }) => model)}::text[], ${bounds.map(({ by }) => by)}::text[]) as bound (model, by)
    join (
      select named.model, newest.opened_at as up_to
      from unnest(${[...new Set(bounds.map(({ by }) => by))]}::text[]) as named (model)
      -- Loads of a model keep their order by its lease, so the newest is found without reading those before it. Not by
      -- load_id: by the index on that alone, a model that is loaded rarely, or never was, costs all loads of the others.
      left join lateral (
        select l.opened_at from control.load as l
        where l.model = named.model and ${broughtSomething(graph)} and coalesce(l.published_at, l.opened_at) <= ${at}
        order by l.opened_at desc limit 1
      ) as newest on true
    ) as own on own.model = bound.by
    group by bound.model`;
}

/** Models for which an empty window says that nothing has changed where they read. */
function quietModels(graph: Graph): readonly string[] {
  return graph.models
    .filter(isPublished)
    .filter(({ shape }) => {
      const sources = deltasOf(shape).map((delta) => graph.byName.get(delta));
      return sources.length > 0 && sources.every((one) => one !== undefined && isState(one));
    })
    .map(({ name }) => name);
}

/** Each published model with itself, and with every other that it can be no younger than. The graph has those before it. */
function boundsOf(graph: Graph): readonly { readonly model: string; readonly by: string }[] {
  const known = new Map<string, ReadonlySet<string>>();
  for (const model of graph.models.filter(isPublished))
    known.set(model.name, new Set([model.name, ...boundsAbove(graph, model, known)]));
  return [...known].flatMap(([model, all]) => [...all].map((by) => ({ model, by })));
}

function boundsAbove(
  graph: Graph,
  { name, shape }: PublishedModel,
  known: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
  if (shape.kind !== 'whole') return [];
  return (graph.upstream.get(name) ?? []).flatMap((one) => [...(known.get(one) ?? [])]);
}
