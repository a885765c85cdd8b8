import { postgresFault } from '../../activities/postgres-error.ts';
import { redactText } from '../../expectations/redact.ts';
import { SuiteRefused } from '../../expectations/suite.ts';
import { ModelRefused } from '../../models/model.ts';

/** Why a page could not be made, for whoever wanted to read it. Free of values. */
export interface Fault {
  /** 503 of what passes by itself. */
  readonly status: 500 | 503;
  /** What is wrong, a sentence. */
  readonly what: string;
  /** What to do about it. */
  readonly mend: string;
}

const AWAY: Omit<Fault, 'what'> = {
  status: 503,
  mend: 'The page tries again by itself. Loads and gates wait for the database too, and go on when it is back; `weir doctor` says more.',
};

/** Classes and codes of Postgres, and what each means here. @see https://www.postgresql.org/docs/18/errcodes-appendix.html */
const STATES: readonly (readonly [sqlstate: RegExp, fault: Fault])[] = [
  [/^(57P|08|53)/, { ...AWAY, what: 'The database takes no connections just now.' }],
  [
    /^(28|3D)/,
    {
      status: 500,
      what: 'The database does not let the catalogue in.',
      mend: 'Run `weir migrate`, which makes the login weir_catalogue_reader with a password derived from that in DATABASE_URL, and start the catalogue again.',
    },
  ],
  [
    /^(3F000|42P01|42703|42883|42501)$/,
    {
      status: 500,
      what: 'The database is not what this version of the catalogue needs.',
      mend: 'Run `weir migrate`.',
    },
  ],
  [
    /^57014$/,
    { status: 503, what: 'The database took too long to answer.', mend: 'The page tries again by itself.' },
  ],
];

/** What to tell of an error. Messages of Postgres quote rows and stay out of it. */
export function faultOf(error: unknown): Fault {
  const postgres = postgresFault(error);
  if (postgres !== null) {
    const known = STATES.find(([sqlstate]) => sqlstate.test(postgres.sqlstate))?.[1];
    const what = `${known?.what ?? 'The database refused a question of the catalogue.'} (SQLSTATE ${postgres.sqlstate})`;
    return { status: 500, mend: 'This is a mistake in Weir: please report it.', ...known, what };
  }
  if (error instanceof ModelRefused || error instanceof SuiteRefused)
    return {
      status: 500,
      what: `A file cannot be read: ${redactText(error.message)}`,
      mend: 'Mend it, and reload: files are read again where one has changed. `weir validate` says the same.',
    };
  if (isConnection(error)) return { ...AWAY, what: 'The database does not answer.' };
  const name = error instanceof Error ? error.name : 'Error';
  return {
    status: 500,
    what: `The page could not be made (${name}).`,
    mend: 'What happened stands in the output of the catalogue. It is a mistake in Weir: please report it.',
  };
}

/** The same for whoever runs the catalogue. What Postgres says may quote rows; what the templates say is of this repository. */
export function faultText(error: unknown): string {
  if (postgresFault(error) === null && error instanceof Error) return redactText(error.message);
  const { what, mend } = faultOf(error);
  return `${what} ${mend}`;
}

/** An error of the socket, or that of a pool whose connection ended. */
function isConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = Reflect.get(error, 'code');
  if (typeof code === 'string' && /^E(CONN|PIPE|HOSTUNREACH|NETUNREACH|NOTFOUND|TIMEDOUT|AI_)/.test(code))
    return true;
  return /connection terminated|timeout expired|not queryable/i.test(error.message);
}
