import { ApplicationFailure } from '@temporalio/workflow';
import type { AlarmPage } from '../../activities/page/page-input.ts';
import { isError } from '../is-error.ts';
import type { Unreachable } from './input.ts';

/** Rounds in a row in which Postgres did not answer before somebody is woken, three minutes: a restart takes less. */
const PATIENT_ROUNDS = 4;

/** Whether a station failed because Postgres does not answer. */
export function isUnreachable(failure: unknown): boolean {
  const cause = isError(failure) ? failure.cause : null;
  return cause instanceof ApplicationFailure && cause.type === 'DatabaseUnreachable';
}

/** What a round found of Postgres: how that leaves things, and what on-call is to be told; null: nothing. */
export function afterRound(
  before: Unreachable,
  failure: string | null,
  now: number,
): { readonly unreachable: Unreachable; readonly page: AlarmPage | null } {
  if (failure === null) {
    // Where nobody knows, an incident that is not open is not resolved.
    const page = before.paged === false ? null : pageOf('cleared', before.since, '', now);
    return { unreachable: { rounds: 0, since: null, paged: false }, page };
  }
  const since = before.since ?? new Date(now).toISOString();
  const rounds = before.rounds + 1;
  if (before.paged || rounds < PATIENT_ROUNDS)
    return { unreachable: { rounds, since, paged: before.paged }, page: null };
  return { unreachable: { rounds, since, paged: true }, page: pageOf('raised', since, failure, now) };
}

function pageOf(state: AlarmPage['state'], begun: string | null, failure: string, now: number): AlarmPage {
  const since = begun ?? new Date(now).toISOString();
  const minutes = Math.max(1, Math.round((now - Date.parse(since)) / 60_000));
  return {
    kind: 'alarm',
    state,
    alarm: 'databaseUnreachable',
    subject: 'postgres',
    occasion: since,
    severity: 'critical',
    summary:
      state === 'raised'
        ? `Postgres does not answer since ${since}: nothing is loaded, gated or measured. ${failure}`
        : `Postgres answers again${begun === null ? '' : `, after ${minutes} min`}`,
    details: {
      since,
      ...(state === 'raised' ? { what_it_says: failure } : {}),
      what_to_press: ['npm run weir -- doctor'],
      what_goes_on:
        'runs wait and try again by themselves; minutes in which nothing was measured count as not met',
    },
    owner: null,
    tier: 1,
    runbook: 'docs/runbooks/database-unreachable.md',
    run: null,
    relation: null,
    because: null,
  };
}
