import { redactText } from '../../expectations/redact.ts';
import { durationText } from '../../models/duration.ts';
import { isPublished } from '../../models/model.ts';
import type { PublishedModel } from '../../models/model.ts';
import type { Site } from '../site.ts';
import { readIncidentFacts, readModelFacts, readSourceFacts } from './state-facts.ts';
import type { IncidentFacts, ModelFacts, SourceFacts } from './state-facts.ts';
import { waitingBehind } from './waiting-behind.ts';

/**
 * How a model or source stands: `fresh` as its objective has it, or without one; `late` by it, or a source that fell
 * silent; `held` at a gate; `failed`: an incident of it is open, or nobody decided in time; `never` published, or arrived.
 */
export const modelStates = ['held', 'failed', 'late', 'never', 'fresh'] as const;
export type ModelState = (typeof modelStates)[number];

/** How one model, source or view stands at the time of a look. */
export interface ModelStanding {
  readonly state: ModelState;
  /** Since when it has stood so: `fresh`, the time it is current to; null where nobody knows. */
  readonly since: Date | null;
  /** Plain words, without values and without a stop at the end. */
  readonly why: string;
  /** The models upstream, near or far, that are held: until they go on, nothing new comes here. In the graph's order. */
  readonly waitingBehind: readonly string[];
  /** The verdict that holds it, or that its incident is about. */
  readonly verdictId: string | null;
  /** Of what readers see of it; null where nothing was published, and of sources that only tell their state. */
  readonly ageSeconds: number | null;
  /** Null where its header has none. */
  readonly objectiveSeconds: number | null;
}

type Standing = Omit<ModelStanding, 'waitingBehind'>;

const looks = new WeakMap<Site, Promise<ReadonlyMap<string, ModelStanding>>>();

/** How every model, source and view stands, by name. Asked once a look, whatever the number of pages made from it. */
export function readModelStates(site: Site): Promise<ReadonlyMap<string, ModelStanding>> {
  const known = looks.get(site);
  if (known !== undefined) return known;
  const read = readStates(site);
  looks.set(site, read);
  return read;
}

async function readStates(site: Site): Promise<ReadonlyMap<string, ModelStanding>> {
  const { graph } = site.repository;
  const [models, sources, incidents] = [
    await readModelFacts(site),
    await readSourceFacts(site),
    await readIncidentFacts(site),
  ];
  const standings = new Map<string, Standing>();
  // In dependency order: a view stands as what it reads.
  for (const model of graph.models) {
    const { name } = model;
    const incident = incidents.get(name);
    if (model.kind === 'view') standings.set(name, viewStanding(graph.upstream.get(name) ?? [], standings));
    else if (isPublished(model))
      standings.set(name, publishedStanding(model, models.get(name), incident, site.at));
    else standings.set(name, sourceStanding(sources.get(name), incident, site.at));
  }
  const held = new Set([...standings].filter(([, { state }]) => state === 'held').map(([name]) => name));
  const behind = waitingBehind(graph, held);
  return new Map(
    [...standings].map(([name, one]) => [name, { ...one, waitingBehind: behind.get(name) ?? [] }]),
  );
}

function publishedStanding(
  { freshness }: PublishedModel,
  facts: ModelFacts | undefined,
  incident: IncidentFacts | undefined,
  at: Date,
): Standing {
  const objectiveSeconds = freshness?.objectiveSeconds ?? null;
  const ageSeconds = ageOf(facts?.currentTo ?? null, at);
  const broken =
    (facts === undefined ? null : heldStanding(facts)) ??
    (incident === undefined ? null : incidentStanding(incident));
  return { ...(broken ?? ageStanding(facts, ageSeconds, objectiveSeconds)), ageSeconds, objectiveSeconds };
}

/** Held, or what became of a hold; null where its lease says neither. */
function heldStanding(facts: ModelFacts): Standing | null {
  const { lease, leaseSince, leaseEnded, verdictId } = facts;
  if (lease === 'held' && !leaseEnded)
    return { ...standing('held', leaseSince, gateWords(facts)), verdictId };
  if (lease !== 'held' && lease !== 'expired') return null;
  const end = lease === 'held' ? 'its run has ended' : 'nobody decided in time';
  const why = `${gateWords(facts)}, and ${end}: the next run takes its rows`;
  return { ...standing('failed', leaseSince, why), verdictId };
}

function incidentStanding({ since, summary, verdictId }: IncidentFacts): Standing {
  return { ...standing('failed', since, redactText(summary ?? 'an incident of it is open')), verdictId };
}

function gateWords({ gate, suite, outcome, failed, evaluated }: ModelFacts): string {
  if (gate === null) return 'held at a gate';
  const found = outcome === 'error' ? 'could not be checked' : `${failed} of ${evaluated} promises broken`;
  return `${gate} gate, suite ${suite}: ${found}`;
}

function ageStanding(
  facts: ModelFacts | undefined,
  ageSeconds: number | null,
  objectiveSeconds: number | null,
): Standing {
  const currentTo = facts?.currentTo ?? null;
  const publishedAt = facts?.publishedAt ?? null;
  if (publishedAt === null && currentTo === null)
    return standing('never', null, 'nothing has been published yet');
  if (objectiveSeconds === null) return standing('fresh', currentTo ?? publishedAt, 'no objective');
  if (currentTo === null || ageSeconds === null)
    return standing('late', null, 'no load of all that had arrived has been published yet');
  const [age, objective] = [durationText(ageSeconds), durationText(objectiveSeconds)];
  if (ageSeconds <= objectiveSeconds)
    return standing('fresh', currentTo, `${age} old, to be at most ${objective}`);
  if (facts?.isGood === true)
    return standing('fresh', currentTo, `${age} old: nothing arrived, as usual at this time of the week`);
  const since = new Date(currentTo.getTime() + objectiveSeconds * 1000);
  const station = facts?.station ?? null;
  const why = `${age} old, to be at most ${objective}${station === null ? '' : `: ${station}`}`;
  return standing('late', since, why);
}

function sourceStanding(
  facts: SourceFacts | undefined,
  incident: IncidentFacts | undefined,
  at: Date,
): Standing {
  const { arrivedAt = null, readAt = null, silentSince = null, driftSince = null } = facts ?? {};
  const ageSeconds = ageOf(arrivedAt, at);
  if (driftSince !== null) {
    const why = `no longer what its header says: ${redactText(facts?.drift ?? '')}`;
    return { ...standing('failed', driftSince, why), ageSeconds };
  }
  if (incident !== undefined) return { ...incidentStanding(incident), ageSeconds };
  if (silentSince !== null)
    return {
      ...standing('late', silentSince, 'silent: at this time of the week something always came'),
      ageSeconds,
    };
  if (arrivedAt !== null)
    return {
      ...standing('fresh', arrivedAt, `brought something ${durationText(ageSeconds ?? 0)} ago`),
      ageSeconds,
    };
  if (readAt !== null) return standing('fresh', readAt, `read ${durationText(ageOf(readAt, at) ?? 0)} ago`);
  return standing('never', null, 'nothing has arrived yet');
}

/** The oldest of what a view reads is what its readers see; that something there is held or failed is said in words. */
function viewStanding(upstream: readonly string[], standings: ReadonlyMap<string, Standing>): Standing {
  const read = upstream.flatMap((name) => {
    const one = standings.get(name);
    return one === undefined ? [] : [{ name, ...one, seen: seenState(one) }];
  });
  const worst = read.toSorted(
    (a, b) =>
      modelStates.indexOf(a.seen) - modelStates.indexOf(b.seen) || (b.ageSeconds ?? 0) - (a.ageSeconds ?? 0),
  )[0];
  if (worst === undefined) return standing('fresh', null, 'a view that reads no model');
  const { name, state, seen, since, ageSeconds, objectiveSeconds } = worst;
  const isSame = state === seen;
  const why = `a view of ${name}${isSame ? '' : `, which is ${state}`}`;
  return { ...standing(seen, isSame ? since : null, why), ageSeconds, objectiveSeconds };
}

/** What readers see of it: rows that are held or failed are not there, those before them are. */
function seenState({ state, ageSeconds, objectiveSeconds }: Standing): 'never' | 'late' | 'fresh' {
  if (state !== 'held' && state !== 'failed') return state;
  if (ageSeconds === null) return 'never';
  return objectiveSeconds !== null && ageSeconds > objectiveSeconds ? 'late' : 'fresh';
}

function standing(state: ModelState, since: Date | null, why: string): Standing {
  return { state, since, why, verdictId: null, ageSeconds: null, objectiveSeconds: null };
}

function ageOf(since: Date | null, at: Date): number | null {
  return since === null ? null : Math.max(0, (at.getTime() - since.getTime()) / 1000);
}
