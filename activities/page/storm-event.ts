import { cutText } from '../notifiers/cut.ts';
import type { Json, PageEvent } from '../notifiers/notifier.ts';
import { isLouder, type Severity } from './fold.ts';
import { timesText } from './incident-words.ts';
import type { Incident } from './incident-row.ts';

/** Members that are named; the rest is counted. */
const NAMED = 50;
const SUMMARY_LENGTH = 1_024;
const OWN_LENGTH = 500;
const MEMBER_LENGTH = 300;

/** What has just happened to an incident that is open. */
export interface Happened {
  /** Same occasion, same id. */
  readonly eventId: string;
  /** One sentence about it; null where the event of the incident itself says it. */
  readonly what: string | null;
  readonly severity: Severity;
  /** Where "view" leads and what is linked, where that is another run than the incident's own. */
  readonly links?: PageEvent['links'];
}

/**
 * What is said of an incident as it stands now: its own promise, how often that was broken, and who was added to it, each
 * with how it is.
 */
export function standing(
  head: Incident,
  members: readonly Incident[],
  happened: Happened,
  action: 'trigger' | 'update',
): PageEvent {
  const told = head.told ?? bare(head);
  const broken = members.filter(({ state }) => state === 'open');
  const own =
    head.good_at === null ? told.summary : `${head.relation ?? head.dedup_key} is good again; others are not`;
  const summary = [
    happened.what,
    members.length === 0 ? null : stormWords(head, members, broken),
    cutText(own, members.length === 0 ? SUMMARY_LENGTH : OWN_LENGTH),
  ].filter((part) => part !== null);
  return {
    ...told,
    eventId: `${happened.eventId}/${head.opening}`,
    action,
    summary: cutText(summary.join(' · '), SUMMARY_LENGTH),
    severity: loudest([head, ...broken]),
    timestamp: new Date().toISOString(),
    details: {
      ...(happened.what === null ? {} : { what_happened: happened.what }),
      ...(members.length === 0 ? {} : { storm: stormDetails(head, members, broken) }),
      ...(head.good_at === null ? told.details : {}),
      failed_so_far: since(head),
    },
    links: happened.links === undefined ? told.links : [...happened.links, ...told.links],
  };
}

/** The end of an incident that others were added to: every one of them is good, and so is its own promise. */
export function stormOver(head: Incident, members: readonly Incident[], last: PageEvent): PageEvent {
  if (members.length === 0) return { ...last, eventId: `${last.eventId}/${head.opening}` };
  const over = `all ${members.length + 1} promises that broke with ${head.relation ?? head.dedup_key} hold again`;
  return {
    ...last,
    eventId: `${last.eventId}/${head.opening}`,
    dedupKey: head.dedup_key,
    summary: cutText(`${over}; the last: ${last.summary}`, SUMMARY_LENGTH),
    class: head.told?.class ?? last.class,
    group: head.told?.group ?? last.group,
    owner: head.told?.owner ?? last.owner,
    tier: head.told?.tier ?? last.tier,
    details: { ...last.details, storm: stormDetails(head, members, []) },
  };
}

function stormWords(head: Incident, members: readonly Incident[], broken: readonly Incident[]): string {
  const all = members.length + 1;
  const now = broken.length + (head.good_at === null ? 1 : 0);
  return `STORM${relationWords(members)}: ${now} of ${all} promises broken`;
}

function relationWords(members: readonly Incident[]): string {
  const shared = sharedBy(members);
  return shared.length === 0 ? '' : ` below ${shared.join(', ')}`;
}

/** The relations that members share with the incident, the commonest first. */
function sharedBy(members: readonly Incident[]): readonly string[] {
  const count = new Map<string, number>();
  for (const { shares } of members) if (shares !== null) count.set(shares, (count.get(shares) ?? 0) + 1);
  return [...count.entries()].toSorted((a, b) => b[1] - a[1]).map(([relation]) => relation);
}

function stormDetails(head: Incident, members: readonly Incident[], broken: readonly Incident[]): Json {
  const shown = [...broken, ...members.filter((one) => !broken.includes(one))].slice(0, NAMED);
  const more = members.length - shown.length;
  return {
    shared: [...sharedBy(members)],
    still_broken: broken.length + (head.good_at === null && head.state === 'open' ? 1 : 0),
    of: members.length + 1,
    ...(head.good_at === null ? {} : { this_one: `good again since ${head.good_at.toISOString()}` }),
    members: shown.map(memberDetails),
    ...(more > 0 ? { and: `${more} more: weir status lists them` } : {}),
    resolves: 'when the last of them is good',
  };
}

function memberDetails(member: Incident): Json {
  const { state, resolved_at: good, told, relation, dedup_key: key, last_verdict_id: verdict } = member;
  const run = told?.clientUrl ?? null;
  return {
    what: relation ?? key,
    how_it_is:
      state === 'open' ? `broken, ${since(member)}` : `good again since ${good?.toISOString() ?? 'now'}`,
    says: cutText(member.summary ?? '', MEMBER_LENGTH),
    owner: member.owner,
    ...(state === 'open' && member.kind === 'gateHeld' ? { verdict_id: verdict } : {}),
    ...(run === null ? {} : { run }),
    incident: key,
  };
}

function since({ failures, first_failed_at: first }: Incident): string {
  return `${timesText(failures)} since ${first.toISOString()}`;
}

function loudest(all: readonly Incident[]): Severity {
  return all
    .map(({ severity }) => severity)
    .reduce((one, than) => (isLouder(one, than) ? one : than), 'info');
}

/** Of an incident that an earlier version opened nothing more is known. */
function bare(head: Incident): PageEvent {
  return {
    eventId: head.dedup_key,
    action: 'update',
    dedupKey: head.dedup_key,
    summary: head.summary ?? head.dedup_key,
    source: head.dedup_key,
    severity: head.severity,
    timestamp: head.last_failed_at.toISOString(),
    component: head.model,
    group: head.pipeline,
    class: null,
    owner: head.owner,
    tier: head.tier,
    details: { run: head.workflow_id },
    links: [],
    clientUrl: null,
  };
}
