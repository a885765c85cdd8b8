import { cutText } from '../notifiers/cut.ts';
import type { PageEvent } from '../notifiers/notifier.ts';
import type { RunFailedPage, RunSucceededPage } from './page-input.ts';
import type { Tier } from '../../models/model.ts';
import type { RunFacts } from './facts.ts';
import type { PageSetting } from './gate-event.ts';
import { howLong, lasted, type Ended } from './incident-words.ts';
import { detailsUrl, runUrl } from './links.ts';
import { failureLinks, ownerDetails, beforeDetails, hurtDetails } from './surroundings.ts';

const RUNBOOK = 'docs/runbooks/run-failed.md';
const SUMMARY_LENGTH = 1_024;
const FAILURE_LENGTH = 4_000;

/** The event of a run that failed for another reason than a gate. */
export function runFailedEvent(
  page: RunFailedPage,
  setting: PageSetting & {
    readonly facts: RunFacts;
    readonly owner: string | null;
    readonly tier: Tier | null;
  },
): PageEvent {
  const { pipeline, run, failure, failureType, relation = null } = page;
  const { environment, links, dedupKey, facts } = setting;
  const runbook = runbookOf(page);
  return {
    eventId: `${run.runId}/failed`,
    action: 'trigger',
    dedupKey,
    summary: cutText(`${nameOf(pipeline)} failed: ${failure}`, SUMMARY_LENGTH),
    source: `weir/${environment}/${pipeline}`,
    severity: 'error',
    timestamp: new Date().toISOString(),
    component: pipeline,
    group: pipeline,
    class: 'run failed',
    owner: setting.owner,
    tier: setting.tier,
    details: {
      what_broke: cutText(failure, FAILURE_LENGTH),
      ...(failureType === undefined ? {} : { failure_class: failureType }),
      ...(relation === null ? {} : { what_failed: relation }),
      ...hurtDetails(facts, new Date()),
      ...ownerDetails(setting.owner, setting.tier),
      what_it_means: meaningOf(pipeline),
      what_to_press: whatToPress(page),
      where_to_look: `npm run weir -- logs ${run.workflowId}`,
      ...beforeDetails(facts),
      runbook,
      pipeline,
      run: `${run.workflowId} / ${run.runId}`,
    },
    links: failureLinks(links, run, runbook, facts),
    clientUrl: detailsUrl(links, run),
  };
}

/** The event of a run that went through. */
export function runSucceededEvent(
  page: RunSucceededPage,
  { environment, links, dedupKey }: PageSetting,
  incident: Ended | null = null,
): PageEvent {
  const { pipeline, run } = page;
  return {
    eventId: `${run.runId}/succeeded`,
    action: 'resolve',
    dedupKey,
    summary: `${nameOf(pipeline)} went through${howLong(incident, new Date())}`,
    source: `weir/${environment}/${pipeline}`,
    severity: 'info',
    timestamp: new Date().toISOString(),
    component: pipeline,
    group: pipeline,
    class: 'run failed',
    owner: incident?.owner ?? null,
    tier: incident?.tier ?? null,
    details: { ...lasted(incident), pipeline, run: `${run.workflowId} / ${run.runId}` },
    links: [{ href: runUrl(links, run), text: 'Run in the Temporal UI' }],
    clientUrl: null,
  };
}

/** Where a type of failure is explained; what has no place of its own begins where every failure does. */
const ANCHORS: Readonly<Record<string, string>> = {
  InvalidModel: 'refused-files',
  InvalidSuite: 'refused-files',
  InvalidInput: 'refused-input',
  WatermarkForeign: 'foreign-watermark',
  PostgresError: 'postgres',
};

function runbookOf({ pipeline, failureType = '' }: RunFailedPage): string {
  if (isBackfill(pipeline)) return `${RUNBOOK}#a-backfill`;
  return `${RUNBOOK}#${ANCHORS[failureType] ?? 'look-first'}`;
}

function whatToPress({ pipeline, run }: RunFailedPage) {
  if (isBackfill(pipeline))
    return [
      {
        when: 'mended',
        press:
          'the command that the backfill ends with: it skips what is done, and resolves this incident when it has gone through',
      },
    ];
  return [
    {
      when: 'mended, and the next scheduled run may take the rows',
      press: 'nothing: it resolves this incident by itself',
    },
    {
      when: 'mended, and it cannot wait',
      press: `Temporal UI: Schedules, the ${pipeline} schedule, Trigger`,
      ...(isLoad(pipeline) ? { command: `npm run weir -- run ${pipeline}` } : {}),
    },
    {
      when: 'mended, and only what failed of this run is to be done again',
      press: 'reset the run to the step that failed',
      command: `npm run weir -- reset ${run.workflowId}`,
    },
  ];
}

/** All but the housekeeping are loads. */
function isLoad(pipeline: string): boolean {
  return pipeline !== 'housekeeping';
}

/** `hourly-backfill`: workflows/backfill/pages.ts names it so. */
function isBackfill(pipeline: string): boolean {
  return pipeline.endsWith('-backfill');
}

function nameOf(pipeline: string): string {
  if (isBackfill(pipeline)) return `backfill of the ${pipeline.replace(/-backfill$/, '')} pipeline`;
  return isLoad(pipeline) ? `${pipeline} load` : pipeline;
}

function meaningOf(pipeline: string): string {
  if (isBackfill(pipeline))
    return 'An interval of the past is as it was, and no further one is begun once too many have failed. The schedule goes on.';
  return isLoad(pipeline)
    ? 'Nothing of the failed batch is visible to readers, no watermark moved: the next run meets its rows again.'
    : 'No load is stopped and no row is lost: what was not tidied up stays until the next run.';
}
