import type { Database } from '../../../activities/databases.ts';
import { openDatabase } from '../../../workers/databases.ts';
import { openRewriting } from './rewriting.ts';

/**
 * A publisher that moves watermarks on another connection, so in a transaction of their own that commits at once. The
 * watermark's foreign key would wait for the ledger row that publish has locked: `prepare` of the test has dropped it.
 */
export function withWatermarkApart(publisherUrl: string): Database {
  const apart = openDatabase(publisherUrl, 'chaos publisher', 4);
  return openRewriting(publisherUrl, 'chaos publisher', (query, run) =>
    /^(update|insert into) "control"\."watermark"/.test(query.sql) ? apart.executeQuery(query) : run(query),
  );
}
