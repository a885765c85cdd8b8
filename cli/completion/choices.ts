import type { ArgDef } from 'citty';
import { pipelines } from '../pipelines.ts';
import { runStates } from '../runs/visibility-query.ts';
import type { KnownVerb } from '../command-tree.ts';

/** What a shell asks `weir completion --words` for, because it changes: names of files, and what is held. */
export const asked = ['models', 'sources', 'suites', 'relations', 'schedules', 'verdicts'] as const;
export type Asked = (typeof asked)[number];

/** What may stand in a place: words that are known, words that are asked for, files, or anything. */
export type Choice =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'asked'; readonly asked: Asked }
  | { readonly kind: 'files' }
  | { readonly kind: 'anything' };

const words = (...list: readonly string[]): Choice => ({ kind: 'words', words: list });
const ask = (what: Asked): Choice => ({ kind: 'asked', asked: what });

/** By the name of a flag or place: the same name means the same everywhere, but for those below. */
const BY_NAME: Readonly<Record<string, Choice>> = {
  pipeline: words(...pipelines),
  model: ask('models'),
  models: ask('models'),
  'full-refresh': ask('models'),
  'all-of': ask('models'),
  of: ask('relations'),
  source: ask('sources'),
  select: ask('models'),
  for: ask('models'),
  suite: ask('suites'),
  table: ask('relations'),
  published: ask('relations'),
  verdict: ask('verdicts'),
  shell: words('bash', 'zsh'),
  schedule: words(...pipelines),
  out: { kind: 'files' },
  record: { kind: 'files' },
  file: { kind: 'files' },
  into: { kind: 'files' },
};

const BY_VERB: Readonly<Record<string, Choice>> = {
  'weir runs state': words(...runStates),
  'weir quarantine list state': words('waiting', 'released', 'superseded'),
  'weir schedules pause name': ask('schedules'),
  'weir schedules unpause name': ask('schedules'),
  'weir schedules trigger name': ask('schedules'),
  'weir new model from': ask('models'),
  'weir new model layer': words('silver', 'gold', 'semantic'),
  'weir new model kind': words('incremental', 'full_refresh', 'view'),
  'weir new source reader': words(
    'json_lines',
    'csv',
    'table',
    'postgres_hash',
    'postgres_snapshot',
    'postgres_cursor',
  ),
  'weir completion words': words(...asked),
};

/** What may stand for a flag's value or in a place of a verb. */
function choiceOf(verb: string, name: string): Choice {
  return BY_VERB[`${verb} ${name}`] ?? BY_NAME[name] ?? { kind: 'anything' };
}

/** A verb as a completion script needs it. */
export interface Completed {
  readonly verb: string;
  /** The verbs below it. */
  readonly verbs: readonly string[];
  /** `--json`, `--no-proofs`. */
  readonly flags: readonly string[];
  /** Flags that take a value, and what it may be. */
  readonly values: readonly (readonly [flag: string, choice: Choice])[];
  /** What may stand in its first place; null where it takes none. */
  readonly place: Choice | null;
}

/** Reads the tree of verbs for a script. */
export function completed({ name, args, verbs }: KnownVerb): Completed {
  const all = Object.entries(args);
  const flags = all.filter(([, { type }]) => type !== 'positional');
  const place = all.find(([, { type }]) => type === 'positional');
  return {
    verb: name,
    verbs,
    flags: ['--help', ...flags.flatMap(([flag, arg]) => flagWords(flag, arg))],
    values: flags
      .filter(([, { type }]) => type !== 'boolean')
      .map(([flag]) => [`--${flag}`, choiceOf(name, flag)] as const),
    place: place === undefined ? null : choiceOf(name, place[0]),
  };
}

function flagWords(flag: string, arg: ArgDef): readonly string[] {
  return arg.type === 'boolean' && arg.default === true ? [`--no-${flag}`] : [`--${flag}`];
}
