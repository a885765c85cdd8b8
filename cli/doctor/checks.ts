import { clock } from './clock.ts';
import type { Check } from './check.ts';
import { files } from './files.ts';
import { landing } from './landing.ts';
import { logins } from './logins.ts';
import { metrics } from './metrics.ts';
import { migrations } from './migrations.ts';
import { monitor } from './monitor.ts';
import { node } from './node.ts';
import { pager } from './pager.ts';
import { payloadKeys } from './payload-keys.ts';
import { objectives } from './objectives.ts';
import { postgres } from './postgres.ts';
import { postgresSettings } from './postgres-settings.ts';
import { schedules } from './schedules.ts';
import { searchAttributes } from './search-attributes.ts';
import { settings } from './settings.ts';
import { sources } from './sources.ts';
import { temporal } from './temporal.ts';
import { workers } from './workers.ts';

/** Everything that `weir doctor` looks at, in the order in which it is told. */
export const checks: readonly Check[] = [
  node,
  settings,
  files,
  postgres,
  migrations,
  logins,
  postgresSettings,
  temporal,
  payloadKeys,
  searchAttributes,
  workers,
  schedules,
  monitor,
  objectives,
  clock,
  pager,
  metrics,
  landing,
  sources,
];
