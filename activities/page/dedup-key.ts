import { createHash } from 'node:crypto';
import type { AlarmName, BackfillScope } from './page-input.ts';

/** @see https://developer.pagerduty.com/docs/send-alert-event (`dedup_key`) */
const DEDUP_KEY_LENGTH = 255;
const HASH_LENGTH = 32;

/**
 * The key of a gate's incident. Neither run nor interval is part of it, so that every run that meets the same broken
 * promise speaks of the same incident, and a pass of any of them resolves it; but that of an interval of event time only
 * what the same interval broke (activities/gate/store-verdict.ts).
 */
export function gateDedupKey(environment: string, model: string, suite: string): string {
  return cutDedupKey(`weir/${environment}/${model}/${suite}`);
}

/** The key of the incident of a pipeline whose run failed. */
export function runDedupKey(environment: string, pipeline: string): string {
  return cutDedupKey(`weir/${environment}/${pipeline}/run`);
}

/** The key of the incident of a backfill that failed: one a range and pipeline, whatever else is loaded again. */
export function backfillDedupKey(
  environment: string,
  pipeline: string,
  { start, end }: Pick<BackfillScope, 'start' | 'end'>,
): string {
  return cutDedupKey(`weir/${environment}/${pipeline}/${minute(start)}--${minute(end)}/run`);
}

/** `2017-01-02T08:00Z` */
function minute(time: string): string {
  return `${time.slice(0, 16)}Z`;
}

/** The key of an alarm: whatever occasion raised it, the same promise is one incident. */
export function alarmDedupKey(environment: string, subject: string, alarm: AlarmName): string {
  return cutDedupKey(`weir/${environment}/${subject}/${alarm}`);
}

/** Keeps a key within the service's length: the tail of a longer one becomes its hash, so that two stay two. */
export function cutDedupKey(key: string): string {
  if (key.length <= DEDUP_KEY_LENGTH) return key;
  const hash = createHash('sha256').update(key).digest('hex').slice(0, HASH_LENGTH);
  return `${key.slice(0, DEDUP_KEY_LENGTH - HASH_LENGTH - 1)}-${hash}`;
}
