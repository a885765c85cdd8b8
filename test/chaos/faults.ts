import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Random } from '../invariants/random.ts';
import type { StationName } from './loader.ts';
import { startLoader } from './loaders.ts';
import type { Loader } from './loaders.ts';
import type { World } from './world.ts';

/** What the injector does; loaders and runs have faults of their own. */
const deck = [
  'kill',
  'kill',
  'freeze',
  'freeze',
  'cut',
  'terminate',
  'lose',
  'lose',
  'cancel',
  'lock',
  'stop',
] as const;
type Fault = (typeof deck)[number];

/** Where a loader is struck: publish and stage more often, as most is at stake there. */
const stations = [
  'publish',
  'publish',
  'stage',
  'gate',
  'open',
  'extract',
] as const satisfies readonly StationName[];

/** One fault after another, the deck shuffled again whenever it is through: each kind comes as soon as it can. */
export async function injectFaults(world: World, stopped: () => boolean, random: Random): Promise<void> {
  let left: Fault[] = [];
  while (!stopped()) {
    if (left.length === 0) left = [...deck];
    const [fault] = left.splice(random.integer(left.length), 1);
    const draw: Draw = {
      station: random.pick(stations),
      delayMs: random.chance(0.5) ? random.integer(15) : random.integer(80),
      lastsMs: 300 + random.integer(1200),
    };
    if (fault !== undefined) await inject(world, fault, draw, random.integer(1000));
    await pause(150 + random.integer(250));
  }
}

interface Draw {
  readonly station: StationName;
  /** From the moment that the station was sent. */
  readonly delayMs: number;
  readonly lastsMs: number;
}

async function inject(world: World, fault: Fault, draw: Draw, number: number): Promise<void> {
  switch (fault) {
    case 'kill':
      return await strike(world, draw, (loader) => killLoader(world, loader));
    case 'freeze':
      return await strike(world, draw, (loader) => freezeLoader(world, loader, draw.lastsMs));
    case 'cut':
      return await soon(
        () => world.way.cutBusy(),
        () => (world.counts.connectionsCut += 1),
      );
    case 'terminate':
      return await soon(
        () => signalBusy(world, 'pg_terminate_backend', number),
        () => (world.counts.backendsTerminated += 1),
      );
    case 'cancel':
      return await cancelStatement(world, number);
    case 'lose':
      return await strike(
        world,
        { ...draw, station: number % 2 === 0 ? 'publish' : draw.station },
        async () => world.way.loseNextCommit(),
      );
    case 'lock':
      return await holdLock(world, number, draw.lastsMs);
    case 'stop':
      return await stopPostgres(world);
  }
}

/** Waits for the station's next call, and strikes `delayMs` later. Gives up after a while: the station may not come. */
async function strike(
  { strikes }: World,
  { station, delayMs }: Draw,
  hit: (loader: Loader) => Promise<void>,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const waiting = {
      station,
      hit: (loader: Loader): void =>
        void pause(delayMs)
          .then(() => hit(loader))
          .then(resolve, reject),
    };
    strikes.push(waiting);
    setTimeout(() => {
      const index = strikes.indexOf(waiting);
      if (index < 0) return;
      strikes.splice(index, 1);
      resolve();
    }, 1500);
  });
}

async function killLoader(world: World, loader: Loader): Promise<void> {
  const index = world.loaders.indexOf(loader);
  if (index < 0 || loader.frozen()) return;
  if (loader.busy() > 0) world.counts.loadersKilled += 1;
  await loader.kill();
  world.loaders.splice(index, 1, await newLoader(world));
}

/** A loader that reaches Postgres by the way that loses answers. */
export function newLoader({
  site,
  way,
  options,
  runs,
}: Pick<World, 'site' | 'way' | 'options' | 'runs'>): Promise<Loader> {
  const { folders, landingFolder } = site;
  return startLoader({ url: way.url, folders, landingFolder, broken: options.broken }, runs.tell);
}

/** Heartbeats stop: after a while what it had is given to others. Then it wakes and goes on where it stood. */
async function freezeLoader(world: World, loader: Loader, lastsMs: number): Promise<void> {
  if (!world.loaders.includes(loader) || loader.frozen()) return;
  const busy = loader.busy() > 0;
  loader.freeze(200);
  await pause(lastsMs);
  loader.wake();
  if (busy) world.counts.loadersFrozen += 1;
}

/** Tries until it works, for half a second: whoever is in use is so for milliseconds. */
async function soon(work: () => boolean | Promise<boolean>, done: () => void): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    if (await Promise.resolve(work()).catch(() => false)) return done();
    await pause(10);
  }
}

/** Until a station has met it: most statements are over before they can be cancelled. */
async function cancelStatement(world: World, number: number): Promise<void> {
  const { statementsCancelled: before } = world.counts;
  for (let tries = 0; tries < 50 && world.counts.statementsCancelled === before; tries += 1) {
    await signalBusy(world, 'pg_cancel_backend', number + tries).catch(() => false);
    await pause(10);
  }
}

async function signalBusy(
  { site }: World,
  signal: 'pg_terminate_backend' | 'pg_cancel_backend',
  number: number,
): Promise<boolean> {
  const ends = signal === 'pg_terminate_backend';
  const { rows } = await sql<{ done: boolean }>`
    select ${sql.id('pg_catalog', signal)}(pid) as done from pg_stat_activity
    where usename in ('weir_loader', 'weir_publisher') and (state = 'active' or ${ends} and state = 'idle in transaction')
    order by md5(pid::text || ${number}::text) limit 1`.execute(site.admin);
  return rows[0]?.done === true;
}

/** Somebody has a table locked for longer than loads wait. */
async function holdLock({ site }: World, number: number, lastsMs: number): Promise<void> {
  const table = ['silver.stg_transactions', 'gold.fct_daily_sales', 'control.watermark'][number % 3] ?? '';
  await site.admin
    .transaction()
    .execute(async (trx) => {
      await sql`lock table ${sql.table(table)} in share row exclusive mode`.execute(trx);
      await pause(Math.max(lastsMs, 900));
    })
    .catch(() => undefined);
}

async function stopPostgres({ site, counts }: World): Promise<void> {
  await site.cluster.stopHard();
  await site.cluster.restart();
  counts.postgresStopped += 1;
}
