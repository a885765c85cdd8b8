import { cutText } from '../notifiers/cut.ts';
import type { Json, PageEvent } from '../notifiers/notifier.ts';
import { isLouder, type Severity } from './fold.ts';
import { timesText } from './incident-words.ts';
import type { Incident, Member } from './incident-row.ts';

/** Members that are named; the rest is counted. */
const NAMED = 40;
const SUMMARY_LENGTH = 1_024;
const OWN_LENGTH = 500;
/** Runs of members that are linked: most are of one. */
const RUNS = 5;
const GOOD_LENGTH = 500;

/** What has just happened to an incident that is open. */
export interface Happened {
  /** Same occasion, same id. */
  readonly eventId: string;
  /** One sentence about it; null where the event of the incident itself says it. */
  readonly what: string | null;
  readonly severity: Severity;
  /** Whether it is about a member: what the incident said of itself stands in its earlier events. */
  readonly ofMember?: boolean;
  /** By what the member is routed. */
  readonly also?: PageEvent['also'];
  /** Where "view" leads and what is linked, where that is another run than the incident's own. */
  readonly links?: PageEvent['links'];
}

/**
 * What is said of an incident as it stands now: its own promise, how often that was broken, and who was added to it, each
 * with how it is.
 */
export function standing(
  head: Incident,
  members: readonly Member[],
  happened: Happened,
  action: 'trigger' | 'update',
): PageEvent {
  const told = head.told ?? bare(head);
  const broken = members.filter(({ state }) => state === 'open');
  const own =
    head.good_at === null ? told.summary : `${head.relation ?? head.dedup_key} is good again; others are not`;
  const summary = [
    members.length === 0 ? null : stormWords(head, members, broken),
    happened.what === null || members.length === 0 ? happened.what : cutText(happened.what, OWN_LENGTH),
    cutText(own, members.length === 0 ? SUMMARY_LENGTH : OWN_LENGTH),
  ].filter((part) => part !== null);
  return {
    ...told,
    eventId: `${happened.eventId}/${head.opening}`,
    action,
    summary: cutText(summary.join(' · '), SUMMARY_LENGTH),
    severity: loudest([head, ...broken]),
    timestamp: new Date().toISOString(),
    ...(happened.also === undefined ? {} : { also: happened.also }),
    details: {
      ...(happened.what === null ? {} : { what_happened: happened.what }),
      ...(members.length === 0 ? {} : { storm: stormDetails(head, members, broken) }),
      ...(happened.ofMember === true || head.good_at !== null ? {} : told.details),
      failed_so_far: since(head),
    },
    links: happened.links === undefined ? told.links : [...happened.links, ...told.links],
  };
}

/** The end of an incident that others were added to: every one of them is good, and so is its own promise. */
export function stormOver(head: Incident, members: readonly Member[], last: PageEvent): PageEvent {
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
    details: { ...last.details, failed_so_far: since(head), storm: stormDetails(head, members, []) },
  };
}

function stormWords(head: Incident, members: readonly Member[], broken: readonly Member[]): string {
  const all = members.length + 1;
  const now = broken.length + (head.good_at === null ? 1 : 0);
  return `STORM${relationWords(members)}: ${now} of ${all} promises broken`;
}

function relationWords(members: readonly Member[]): string {
  const shared = sharedBy(members);
  return shared.length === 0 ? '' : ` below ${shared.join(', ')}`;
}

/** The relations that members share with the incident, the commonest first. */
function sharedBy(members: readonly Member[]): readonly string[] {
  const count = new Map<string, number>();
  for (const { shares } of members) if (shares !== null) count.set(shares, (count.get(shares) ?? 0) + 1);
  return [...count.entries()].toSorted((a, b) => b[1] - a[1]).map(([relation]) => relation);
}

function stormDetails(head: Incident, members: readonly Member[], broken: readonly Member[]): Json {
  const shown = broken.slice(0, NAMED);
  const good = members.filter((one) => !broken.includes(one)).map(nameOf);
  const runs = [...new Set(broken.flatMap(({ run }) => run ?? []))];
  return {
    shared: [...sharedBy(members)],
    still_broken: broken.length + (head.good_at === null && head.state === 'open' ? 1 : 0),
    of: members.length + 1,
    ...(head.good_at === null ? {} : { this_one: `good again since ${head.good_at.toISOString()}` }),
    members_broken: shown.map(memberLine),
    ...(broken.length > shown.length ? { and: `${broken.length - shown.length} more` } : {}),
    ...(good.length === 0 ? {} : { members_good_again: cutText(good.join(', '), GOOD_LENGTH) }),
    ...(runs.length === 0 ? {} : { their_runs: runs.slice(0, RUNS) }),
    ...(runs.length > RUNS ? { more_runs: `${runs.length - RUNS} more` } : {}),
    see_all: 'npm run weir -- status; what waits for a person: npm run weir -- gate list',
    resolves: 'when the last of them is good',
  };
}

/** Short, as forty of them stand in each event and in the history of the incident's workflow. */
function memberLine(member: Member): string {
  const { kind, owner, last_verdict_id: verdict } = member;
  return [
    `${nameOf(member)}${owner === null ? '' : ` (${owner})`}: broken ${since(member)}`,
    ...(kind === 'gateHeld' ? [`held, verdict ${verdict}`] : []),
  ].join(' · ');
}

function nameOf({ relation, dedup_key: key }: Pick<Member, 'relation' | 'dedup_key'>): string {
  return relation ?? key;
}

function since({ failures, first_failed_at: first }: Pick<Member, 'failures' | 'first_failed_at'>): string {
  return `${timesText(failures)} since ${first.toISOString()}`;
}

function loudest(all: readonly Pick<Member, 'severity'>[]): Severity {
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
