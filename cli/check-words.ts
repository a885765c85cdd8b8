import { parseArgs } from 'node:util';
import type { ArgDef, ArgsDef } from 'citty';
import { didYouMean } from '../expectations/suggestion.ts';
import { Failure } from './exit-codes.ts';

/**
 * Refuses what a verb does not know, and says what it lacks. citty passes over words that it does not know: a misspelt
 * `--as-of` would start a run judged by now, and a reason without quotes would be kept as its first word.
 *
 * @param verb as it was called: `weir gate reload`.
 * @param args what it takes.
 * @param words what stands behind it.
 * @throws Failure (3) naming the word, what was likely meant, and where help is.
 */
export function checkWords(verb: string, args: ArgsDef, words: readonly string[]): void {
  const all = Object.entries(args);
  const flags = all.filter(([, { type }]) => type !== 'positional');
  const places = all.filter(([, { type }]) => type === 'positional');
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(flags.map(([name, { type }]) => [name, { type: optionType(type) }])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const options = tokens.filter((token) => token.kind === 'option');
  const given = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  for (const { name, rawName, value } of options) {
    const arg = args[name] ?? args[name.replace(/^no-/, '')];
    const known = arg !== undefined && (Object.hasOwn(args, name) || arg.type === 'boolean');
    if (!known || arg.type === 'positional') throw unknownFlag(verb, rawName, flags);
    if (arg.type !== 'boolean' && value === undefined) throw lacking(verb, `a value for --${name}`, arg);
  }
  const [extra] = given.slice(places.length);
  if (extra !== undefined) throw extraWord(verb, extra, places);
  places.forEach(([name, arg], at) => {
    if (arg.required === true && given[at] === undefined) throw lacking(verb, name.toUpperCase(), arg);
  });
  for (const [name, arg] of flags)
    if (arg.required === true && !options.some((one) => one.name === name))
      throw lacking(verb, `--${name}`, arg);
}

/** Where more is said about a verb. */
export function helpOf(verb: string): string {
  return `\`${verb} --help\` shows what it takes.`;
}

function optionType(type: ArgDef['type']): 'boolean' | 'string' {
  return type === 'boolean' ? 'boolean' : 'string';
}

type Named = readonly (readonly [string, ArgDef])[];

function unknownFlag(verb: string, flag: string, flags: Named): Failure {
  const meant = didYouMean(
    flag,
    flags.map(([name]) => `--${name}`),
  );
  return new Failure([`${verb} has no ${flag}.`, meant, helpOf(verb)].filter(Boolean).join(' '));
}

function extraWord(verb: string, extra: string, places: Named): Failure {
  const takes = places.length === 0 ? 'only flags' : places.map(([name]) => name.toUpperCase()).join(' ');
  return new Failure(
    `${verb} takes ${takes}: what is \`${extra}\`? A value with spaces needs quotes. ${helpOf(verb)}`,
  );
}

function lacking(verb: string, what: string, { description }: ArgDef): Failure {
  const means = description === undefined ? '' : ` (${description})`;
  return new Failure(`${verb} needs ${what}${means}. ${helpOf(verb)}`);
}
