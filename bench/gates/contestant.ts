/** Somebody who checks the table, once a round. */
export interface Contestant {
  readonly name: string;
  /** Checks the table of so many rows once; the seconds it took. Throws where it finds anything wrong with it. */
  check(rows: number): Promise<number>;
}

/** Runs something and says how many seconds it took. */
export async function seconds(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
