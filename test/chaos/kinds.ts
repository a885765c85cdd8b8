/** What a run of the chaos test does to the loads, by the name that its table prints. Each kind has to have happened. */
export const kinds = {
  committed: 'transactions committed into bronze',
  rolledBack: 'transactions rolled back',
  savepointsRolledBack: 'savepoints rolled back',
  stalled: 'transactions left open, others committed meanwhile',
  outOfOrder: 'transactions with a load sequence taken before they stalled',
  corrected: 'sources corrected by a new revision',
  emptied: 'sources corrected to nothing: keys that go away',
  filesDelivered: 'files delivered',
  filesCorrected: 'files delivered again with other content',
  filesDoubled: 'files delivered again, byte for byte, under another name',
  filesBad: 'files with a row that the gate holds, mended later',
  storesChanged: 'stores changed',
  storesRemoved: 'stores removed',
  storesAdded: 'stores added',
  loadersKilled: 'loaders killed with SIGKILL in a station',
  loadersFrozen: 'loaders frozen beyond the time-out, and woken',
  lateAttempts: 'attempts that began after their time-out',
  doubledPublishes: 'publishes sent to two loaders at once',
  connectionsCut: 'connections cut on the way, in use',
  backendsTerminated: 'connections ended by the server, in use',
  answersLost: 'answers of a COMMIT lost',
  statementsCancelled: 'statements cancelled, as by statement_timeout',
  lockTimeouts: 'lock time-outs',
  postgresStopped: 'Postgres stopped hard and restarted',
  runsReset: 'runs reset while a station was under way',
  runsGivenUp: 'runs ended while a station was under way',
  backfills: 'backfills by event time',
  holdsReloaded: 'held gates reloaded',
  holdsAbandoned: 'held gates abandoned',
  holdsExpired: 'held gates whose hold expired',
  published: 'loads published',
} as const;

export type Kind = keyof typeof kinds;
export type Counts = Record<Kind, number>;

/** Every kind, in the table's order. */
export const allKinds = Object.keys(kinds) as readonly Kind[];

/** Nothing has happened yet. */
export function noCounts(): Counts {
  return Object.fromEntries(allKinds.map((kind) => [kind, 0])) as Counts;
}
