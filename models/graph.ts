import { hasRevisions, isSource, isState, layers, ModelRefused } from './model.ts';
import type { Model, ModelProblem, PublishedModel, Reference } from './model.ts';

/** Who depends on whom. */
export interface Graph {
  /** In dependency order: a model comes after all it reads; by name where that leaves a choice. */
  readonly models: readonly Model[];
  readonly byName: ReadonlyMap<string, Model>;
  /** Names that a model reads directly, by name. */
  readonly upstream: ReadonlyMap<string, readonly string[]>;
  /** Names that depend on a model, transitively, nearest first. */
  readonly downstream: ReadonlyMap<string, readonly string[]>;
}

/**
 * Ties models together by the relations their SQL names.
 *
 * @throws ModelRefused naming file and line: two models of one name, a relation that no model makes, a cycle.
 */
export function buildGraph(models: readonly Model[]): Graph {
  const problems: ModelProblem[] = [];
  const byName = new Map<string, Model>();
  for (const model of models) {
    const first = byName.get(model.name);
    if (first === undefined) byName.set(model.name, model);
    else
      problems.push({
        file: model.file,
        line: 1,
        problem: `${first.file} has the same name`,
        mend: 'Names are unique over all layers: delta.<name> has no layer.',
      });
  }
  for (const model of models) problems.push(...unknownRelations(model, byName));
  if (problems.length > 0) throw new ModelRefused(problems);

  const upstream = new Map(models.map((model) => [model.name, readBy(model)]));
  const ordered = order(models, upstream);
  return { models: ordered, byName, upstream, downstream: downstreamOf(ordered, upstream) };
}

/** Every relation that a model's SQL names, those of its touched queries included. */
function allReferences(model: Model): readonly Reference[] {
  if (model.kind === 'source') return [];
  if (model.kind === 'view' || model.shape.kind !== 'touched') return model.references;
  return [...model.references, ...model.shape.queries.flatMap((query) => query.references)];
}

/** A touched query may read its own target: which keys stand there. That is no dependency. */
function readBy(model: Model): readonly string[] {
  const read = allReferences(model)
    .filter((one) => one.schema !== 'touched')
    .map((one) => one.name);
  return [...new Set(read)].filter((name) => name !== model.name).toSorted();
}

function unknownRelations(model: Model, byName: ReadonlyMap<string, Model>): readonly ModelProblem[] {
  return allReferences(model).flatMap((reference) => {
    const problem = problemOf(model, reference, byName);
    return problem === null ? [] : [{ file: model.file, line: reference.line, ...problem }];
  });
}

function problemOf(
  model: Model,
  { schema, name }: Reference,
  byName: ReadonlyMap<string, Model>,
): Pick<ModelProblem, 'problem' | 'mend'> | null {
  if (schema === 'touched') {
    if (name === model.name && model.kind === 'incremental' && model.shape.kind === 'touched') return null;
    return {
      problem: `touched.${name} is not this model's`,
      mend: `Its keys are touched.${model.name}, of the header's touched:.`,
    };
  }
  const found = byName.get(name);
  if (found === undefined || (schema !== 'delta' && schema !== found.layer)) {
    const near =
      found === undefined
        ? `Relations are ${[...byName.values()].map((one) => one.relation).join(', ')}.`
        : `Did you mean ${found.relation}?`;
    return { problem: `no model makes ${schema}.${name}`, mend: near };
  }
  if (schema === 'delta' && found.kind === 'view') {
    return { problem: `${found.relation} is a view and has no delta`, mend: 'Name what the view reads.' };
  }
  const lost = schema === 'delta' && 'shape' in model ? lostRows(model, found) : null;
  if (lost !== null) return lost;
  if (
    name === model.name &&
    'references' in model &&
    model.references.some((one) => one.name === name && one.schema === schema)
  ) {
    return {
      problem: 'the SELECT reads its own target',
      mend: 'Only a touched: query may, to see which keys stand there.',
    };
  }
  return null;
}

/**
 * A delta that does not show all that its reader would have to follow. Rows that landed from files stay, and a revision
 * that takes their place is a retraction, which every load of a model that maps them reads; of a published relation the
 * old images say which keys a row had. Of the rows that go away from a source nothing says so.
 */
function lostRows(model: PublishedModel, found: Model): Pick<ModelProblem, 'problem' | 'mend'> | null {
  const { name, relation } = found;
  if (model.shape.kind === 'map' && !hasRevisions(found)) {
    const mend = isState(found)
      ? `Use kind full_refresh and select from ${relation}.`
      : `Name the keys: touched: {${name}: select <key> from delta.${name}}, and select from ${relation} for the keys in touched.${model.name}.`;
    return {
      problem: `rows can go away from ${relation}, and a model that maps its delta would keep them`,
      mend,
    };
  }
  if (model.shape.kind !== 'touched' || !isSource(found) || !(isState(found) || hasRevisions(found)))
    return null;
  const kind = isState(found)
    ? `of kind full_refresh that selects from ${relation}`
    : `that maps delta.${name}`;
  return {
    problem: `rows can go away from ${relation}, and a touched query would not see the keys that they had`,
    mend: `Make a model ${kind}, and name its delta here: it keeps what its rows were.`,
  };
}

function order(models: readonly Model[], upstream: ReadonlyMap<string, readonly string[]>): readonly Model[] {
  const waiting = [...models].toSorted(
    (a, b) => layers.indexOf(a.layer) - layers.indexOf(b.layer) || (a.name < b.name ? -1 : 1),
  );
  const done = new Set<string>();
  const ordered: Model[] = [];
  while (waiting.length > 0) {
    const index = waiting.findIndex((model) =>
      (upstream.get(model.name) ?? []).every((name) => done.has(name)),
    );
    const [next] = index < 0 ? [] : waiting.splice(index, 1);
    if (next === undefined) throw new ModelRefused(cycleProblems(waiting, upstream));
    done.add(next.name);
    ordered.push(next);
  }
  return ordered;
}

/** Follows what waits for what until a name comes again: that stretch is the cycle. */
function cycleProblems(
  waiting: readonly Model[],
  upstream: ReadonlyMap<string, readonly string[]>,
): readonly ModelProblem[] {
  const stuck = new Map(waiting.map((model) => [model.name, model]));
  const path: Model[] = [];
  let at = waiting[0];
  while (at !== undefined && !path.includes(at)) {
    path.push(at);
    const next: string | undefined = (upstream.get(at.name) ?? []).find((name) => stuck.has(name));
    at = next === undefined ? undefined : stuck.get(next);
  }
  const cycle = at === undefined ? path : path.slice(path.indexOf(at));
  const names = [...cycle, cycle[0]].map((model) => model?.name ?? '').join(' → ');
  return cycle.map((model, index) => {
    const needs = cycle[(index + 1) % cycle.length]?.name;
    const line = allReferences(model).find((one) => one.name === needs)?.line ?? 1;
    return {
      file: model.file,
      line,
      problem: `a cycle: ${names}`,
      mend: 'Take one of these references away.',
    };
  });
}

function downstreamOf(
  ordered: readonly Model[],
  upstream: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const direct = (name: string): readonly string[] =>
    ordered.filter((model) => upstream.get(model.name)?.includes(name)).map((model) => model.name);
  return new Map(
    ordered.map(({ name }) => {
      const found: string[] = [];
      let ring = direct(name);
      while (ring.length > 0) {
        const fresh = [...new Set(ring)].filter((one) => !found.includes(one));
        found.push(...fresh);
        ring = fresh.flatMap(direct);
      }
      return [name, found];
    }),
  );
}
