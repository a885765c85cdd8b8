import { Context } from '@temporalio/activity';

/** Which try of its activity this is, from 1 on; null outside of an activity, as tests and the CLI call its functions. */
export function attemptNumber(): number | null {
  try {
    return Context.current().info.attempt;
  } catch {
    return null; // The SDK has no other way to say so.
  }
}
