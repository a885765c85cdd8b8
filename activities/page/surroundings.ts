import type { Tier } from '../../models/model.ts';
import type { Json, PageLink } from '../notifiers/notifier.ts';
import type { RunRef } from '../run-ref.ts';
import { describeChanges } from './changed-lately.ts';
import type { CommonFacts } from './facts.ts';
import { detailsUrl, fileLinks, runUrl, type PageLinks } from './links.ts';
import { describeObjectives } from './objectives-at-risk.ts';
import { describeLoad } from './promise-words.ts';

/** Since when, and whose promises are at risk: what a responder reads first, the same words on every page. */
export function hurtDetails(
  { firstFailedAt, objectives }: CommonFacts,
  now: Date,
): Readonly<Record<string, Json>> {
  return {
    since: firstFailedAt.toISOString(),
    ...(objectives.length === 0 ? {} : { objectives_at_risk: describeObjectives(objectives, now) }),
  };
}

/** How it was before, and what changed meanwhile: what a responder looks for causes in. */
export function beforeDetails({ lastGood, changes }: CommonFacts): Readonly<Record<string, Json>> {
  return {
    last_good_load: describeLoad(lastGood),
    changed_lately:
      changes.length === 0
        ? 'neither SQL, suite, columns nor sources in the last 7 days, as far as the books know'
        : describeChanges(changes, lastGood?.publishedAt ?? null),
  };
}

/** How much hangs on it, and who is asked. */
export function ownerDetails(owner: string | null, tier: Tier | null): Readonly<Record<string, Json>> {
  return { ...(owner === null ? {} : { owner }), ...(tier === null ? {} : { tier }) };
}

/** The links of a failure: where to press, what to read, where it began, how it was when it was good. */
export function failureLinks(
  links: PageLinks,
  run: RunRef,
  runbook: string,
  { firstRun, lastGood }: CommonFacts,
  ...more: readonly PageLink[]
): readonly PageLink[] {
  return [
    { href: detailsUrl(links, run), text: 'Run: what broke, what to press' },
    ...fileLinks(links, 'Runbook', runbook),
    ...more,
    { href: runUrl(links, run), text: 'Run: its history' },
    ...(firstRun === null || firstRun.runId === run.runId
      ? []
      : [{ href: runUrl(links, firstRun), text: 'Run that failed first' }]),
    ...(lastGood === null ? [] : [{ href: runUrl(links, lastGood.run), text: 'Last good run' }]),
  ];
}
