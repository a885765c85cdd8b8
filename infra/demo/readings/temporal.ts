import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';

/** A schedule as Temporal describes it. */
export interface ScheduleFacts {
  readonly exists: boolean;
  readonly paused: boolean;
  readonly overlap: string;
  readonly workflow: string;
}

/** A run as Temporal describes it. */
export interface RunFacts {
  /** `RUNNING`, `COMPLETED`, `FAILED`, … */
  readonly status: string;
  /** Search attribute `WeirGateState`; null when it is not set. */
  readonly gateState: string | null;
}

/** How a model's part of a run ended, as the run's result says. */
export interface OutcomeFacts {
  readonly state: string;
  readonly reason: string;
}

/** What the story reads from Temporal. One function a kind of answer, so that a test can answer in its place. */
export interface TemporalReadings {
  readonly schedule: (id: string) => Promise<ScheduleFacts>;
  readonly run: (workflowId: string) => Promise<RunFacts>;
  /** A closed run's result: one outcome a model. */
  readonly outcomes: (workflowId: string) => Promise<Readonly<Record<string, OutcomeFacts>>>;
  /** The Markdown that the UI shows as a run's current details. Needs a worker. */
  readonly details: (workflowId: string) => Promise<string>;
  /** The summaries of a run's activities, in the order in which they were scheduled. */
  readonly summaries: (workflowId: string) => Promise<readonly string[]>;
}

/** The query behind the UI's "User Metadata" page; every workflow of the SDK answers it. */
const METADATA_QUERY = '__temporal_workflow_metadata';

/** As `workflows/pipeline.ts` sets it. */
const gateStateKey = defineSearchAttributeKey('WeirGateState', 'KEYWORD');

/** Readings over a Temporal client. */
export function temporalReadings(client: Client): TemporalReadings {
  return {
    schedule: async (id) => {
      const { state, policies, action } = await client.schedule.getHandle(id).describe();
      return {
        exists: true,
        paused: state.paused,
        overlap: policies.overlap ?? '',
        workflow: action.workflowType,
      };
    },
    run: async (workflowId) => {
      const { status, typedSearchAttributes } = await client.workflow.getHandle(workflowId).describe();
      return { status: status.name, gateState: typedSearchAttributes.get(gateStateKey) ?? null };
    },
    outcomes: async (workflowId) => readOutcomes(await client.workflow.getHandle(workflowId).result()),
    details: async (workflowId) => {
      const metadata = await client.workflow.getHandle(workflowId).query<unknown>(METADATA_QUERY);
      const { currentDetails } = fieldsOf(metadata);
      return typeof currentDetails === 'string' ? currentDetails : '';
    },
    summaries: async (workflowId) => {
      const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
      return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes, userMetadata }) =>
        activityTaskScheduledEventAttributes ? [readSummary(userMetadata?.summary?.data)] : [],
      );
    },
  };
}

/** A summary is a payload: JSON text in bytes. Encrypted ones (a payload codec with a key) cannot be read here. */
function readSummary(data: Uint8Array | null | undefined): string {
  if (!data) return '';
  const summary: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
  return typeof summary === 'string' ? summary : '';
}

function readOutcomes(result: unknown): Readonly<Record<string, OutcomeFacts>> {
  return Object.fromEntries(
    Object.entries(fieldsOf(fieldsOf(result)['models'])).map(([model, outcome]) => {
      const { state, reason } = fieldsOf(outcome);
      return [model, { state: textOf(state), reason: textOf(reason) }];
    }),
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
