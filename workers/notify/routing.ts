import type { Route } from '../../activities/notifiers/routes.ts';

/** Where a secret is: never the secret itself. */
export type SecretName = { readonly env: string } | { readonly file: string };

/** A receiver as the file has it. */
export interface ReceiverText {
  readonly name: string;
  readonly type: string;
  /** By their names in the notifier's type. */
  readonly secrets: Readonly<Record<string, SecretName>>;
  readonly line: number;
}

/** A route and where it stands. */
export interface PlacedRoute extends Route {
  readonly line: number;
}

/** Who is told what, as a file says it. */
export interface Routing {
  readonly file: string;
  readonly receivers: readonly ReceiverText[];
  readonly routes: readonly PlacedRoute[];
}

/** Something about a routing file that is not as it should be, and what mends it. */
export interface NotifyProblem {
  readonly file: string;
  readonly line: number;
  readonly problem: string;
  readonly mend: string;
}

/** One line a problem: `notify.yaml:12: …`. */
export function problemText({ file, line, problem, mend }: NotifyProblem): string {
  return `${file}:${line}: ${problem}. ${mend}`;
}
