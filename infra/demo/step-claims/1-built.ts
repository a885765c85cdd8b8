import { byAnswering, byCommand, readList, readPairs, type StoryClaim } from '../world.ts';

const schemas = ['bronze', 'control', 'gold', 'semantic', 'silver'];
const logins = [
  'weir_analytics_reader',
  'weir_catalogue_reader',
  'weir_loader',
  'weir_migrator',
  'weir_publisher',
  'weir_result_reader',
  'weir_validator',
];
const schedules = {
  'hourly-incremental-load': 'hourlyIncrementalLoad',
  'daily-dimension-refresh': 'dailyDimensionRefresh',
};

/** Step 1: migrations have built the house, and the schedules wait, paused. */
export const builtClaims: readonly StoryClaim[] = [
  {
    name: 'schemas-exist',
    step: 1,
    says: 'the layers and the control tables are there',
    from: 'Postgres pg_namespace',
    expected: () => schemas,
    read: (world) =>
      readList(
        world,
        `select nspname::text from pg_namespace where nspname::text = any($1) order by nspname`,
        [schemas],
      ),
    falsify: byCommand('drop schema semantic cascade'),
  },
  {
    name: 'logins-exist',
    step: 1,
    says: 'each part has a login of its own',
    from: 'Postgres pg_roles',
    expected: () => logins,
    read: (world) =>
      readList(
        world,
        'select rolname::text from pg_roles where rolcanlogin and rolname::text = any($1) order by 1',
        [logins],
      ),
    falsify: byCommand('alter role weir_validator nologin'),
  },
  {
    name: 'readers-see-gold-only',
    step: 1,
    says: 'the analytics reader may use gold and semantic and nothing else',
    from: 'Postgres has_schema_privilege',
    expected: () => ({ bronze: false, control: false, gold: true, semantic: true, silver: false }),
    read: (world) =>
      readPairs(
        world,
        `select nspname::text as name, has_schema_privilege('weir_analytics_reader', oid, 'usage') as value
         from pg_namespace where nspname::text = any($1) order by nspname`,
        [schemas],
      ),
    falsify: byCommand('grant usage on schema silver to weir_analytics_reader'),
  },
  ...Object.entries(schedules).map(([id, workflow]): StoryClaim => ({
    name: `schedule-${id}`,
    step: 1,
    says: `schedule ${id} is there, paused until the story has ended`,
    from: `Temporal describe schedule ${id}`,
    expected: () => ({ exists: true, paused: true, overlap: 'ALLOW_ALL', workflow }),
    read: async ({ temporal }) => ({ ...(await temporal.schedule(id)) }),
    falsify: byAnswering((temporal) => ({
      schedule: async (asked) => ({ ...(await temporal.schedule(asked)), paused: false }),
    })),
  })),
];
