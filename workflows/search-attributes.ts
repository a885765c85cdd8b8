// oxlint-disable-next-line no-restricted-imports -- The one place that names any.
import { defineSearchAttributeKey } from '@temporalio/common';

/** The slot a schedule started a run for; the server sets it. */
export const scheduledStartTime = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');
/** The schedule that started a run; the server sets it. */
export const scheduledById = defineSearchAttributeKey('TemporalScheduledById', 'KEYWORD');

/** `minute`, `hourly` or `daily`. */
export const pipeline = defineSearchAttributeKey('WeirPipeline', 'KEYWORD');
/** `dryRun`, `running`, `held`, `failed`, `left` (a model was left to the run that holds it) or `passed`. */
export const gateState = defineSearchAttributeKey('WeirGateState', 'KEYWORD');
/** Suites whose gates hold the run now. Codes, never values: search attributes are never encrypted. */
export const failedSuites = defineSearchAttributeKey('WeirFailedSuites', 'KEYWORD_LIST');
/** The models a run loads. */
export const models = defineSearchAttributeKey('WeirModels', 'KEYWORD_LIST');
/** The data interval, `[start, end)`. */
export const intervalStart = defineSearchAttributeKey('WeirIntervalStart', 'DATETIME');
export const intervalEnd = defineSearchAttributeKey('WeirIntervalEnd', 'DATETIME');
