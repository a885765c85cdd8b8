import { createHmac } from 'node:crypto';

/**
 * Weir's logins. What each may do is decided by grants; what holds for each of its sessions stands here.
 *
 * - migrator: makes and changes tables; today the administrator of the URL does that work itself.
 * - loader: lands and stages. publisher: the only one that writes what readers see.
 * - validator: runs SQL that suites bring; owns nothing, reads only.
 * - analytics_reader: gold and semantic only.
 * - result_reader: full results of gates, values included, and the rows they are about. Grant it to who may see them.
 * - catalogue_reader: the books for the catalogue's pages; no row, no result, no record. A page that waits is no page.
 */
export const logins = {
  weir_migrator: {},
  weir_loader: {},
  weir_publisher: {},
  weir_validator: { default_transaction_read_only: 'on', statement_timeout: '5min' },
  weir_analytics_reader: { default_transaction_read_only: 'on', statement_timeout: '1min' },
  weir_result_reader: { default_transaction_read_only: 'on', statement_timeout: '5min' },
  weir_catalogue_reader: { default_transaction_read_only: 'on', statement_timeout: '30s' },
} as const satisfies Record<string, Readonly<Record<string, string>>>;

/** The name of one of Weir's logins. */
export type Login = keyof typeof logins;

/** Logins that may do what another may, later grants included: failing rows are read as the validator read them. */
export const memberOf: Partial<Record<Login, Login>> = { weir_result_reader: 'weir_validator' };

/**
 * The password of a login: derived from that of the administrator, so that nothing else has to be kept.
 *
 * @throws Error when the URL has no password, as whoever knows this code could then derive them all.
 */
export function loginPassword(adminUrl: string, login: Login): string {
  const key = decodeURIComponent(new URL(adminUrl).password);
  if (key === '')
    throw new Error(
      "the database URL has no password. The passwords of Weir's logins are derived from it: " +
        'write it into DATABASE_URL as postgres://user:password@host:port/database',
    );
  return createHmac('sha256', key).update(login).digest('hex');
}

/** The same server and database, for another login. */
export function loginUrl(adminUrl: string, login: Login): string {
  const url = new URL(adminUrl);
  url.password = loginPassword(adminUrl, login);
  url.username = login;
  return url.href;
}
