import { isIP } from 'node:net';

/** A host that a request named and that is none of the server's: as it was written, or null where that is no host. */
export interface OtherHost {
  readonly name: string | null;
}

/**
 * Whether a request was meant for this server. A web site may let its own name lead to 127.0.0.1 after it was opened (DNS
 * rebinding), and the browser then lets it read what answers there: so a name has to be one that this server was told.
 * An address is nobody's to redirect, and `localhost` leads nowhere else. Ports are not compared: a tunnel has its own.
 *
 * @param asked the request's `Host`; undefined where there is none, as of a health check that speaks HTTP/1.0: no browser.
 * @param names that people open it by, besides addresses and `localhost`.
 * @returns null where it was.
 * @see https://vite.dev/config/server-options#server-allowedhosts
 */
export function otherHost(asked: string | undefined, names: readonly string[]): OtherHost | null {
  if (asked === undefined) return null;
  const host = hostOf(asked);
  if (host === null) return { name: null };
  const isOwn =
    isIP(host.replace(/^\[|\]$/g, '')) > 0 ||
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    names.some((name) => hostOf(name) === host);
  return isOwn ? null : { name: host };
}

/** Without its port, as browsers write it; null for what is no host. */
export function hostOf(asked: string): string | null {
  // What a URL may have besides a host and a port would be taken for a part of it.
  if (!/^[\w.:[\]-]+$/.test(asked) || !URL.canParse(`http://${asked}`)) return null;
  return new URL(`http://${asked}`).hostname.replace(/\.$/, '');
}

/** What somebody reads who asked for the wrong name, or whose server was not told the right one. */
export function otherHostText({ name }: OtherHost): string {
  const asked = name === null ? 'by what is no name of a host' : `as ${name}`;
  const known = name === null ? 'NAME' : name;
  return (
    `This is the catalogue of Weir, and it was asked for ${asked}. It answers to its address, to localhost and to the ` +
    'names that it was told: any other may be a web site that wants to read it through your browser (DNS rebinding).\n' +
    `If that name is right, start it with \`weir docs serve --name ${known}\`, or set WEIR_CATALOGUE_URL to where people open it.\n`
  );
}
