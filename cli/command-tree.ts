import type { ArgsDef, CommandDef, CommandMeta, Resolvable, SubCommandsDef } from 'citty';

/** A verb, or a group of verbs. */
export type Command = SubCommandsDef[string] extends Resolvable<infer One> ? One : never;

/** What a command line names: `gate reload`, and the words behind it. */
export interface Called {
  readonly command: Command;
  /** `weir gate`; null of `weir` itself. */
  readonly parent: string | null;
  readonly name: string;
  readonly words: readonly string[];
  /** The verbs below it; none of one that does something itself. */
  readonly verbs: readonly string[];
}

/** Follows the words of a command line as far as they name verbs. */
export async function findVerb(
  words: readonly string[],
  command: Command,
  name = 'weir',
  parent: string | null = null,
): Promise<Called> {
  const [word, ...rest] = words;
  const children = (await resolved(command.subCommands)) ?? {};
  const child = word !== undefined && Object.hasOwn(children, word) ? children[word] : undefined;
  const below = await resolved(child);
  if (below !== undefined && word !== undefined) return await findVerb(rest, below, `${name} ${word}`, name);
  return { command, parent, name, words, verbs: Object.keys(children) };
}

/** A verb with all that its help, its completion and the guide say of it. */
export interface KnownVerb {
  /** As it is called: `weir gate reload`. */
  readonly name: string;
  readonly meta: CommandMeta;
  /** Flags and places, by name. */
  readonly args: ArgsDef;
  /** The verbs below it; none of one that does something itself. */
  readonly verbs: readonly string[];
}

/** Every verb of a tree, each group before what is below it. */
export async function allVerbs(command: Command, name = 'weir'): Promise<readonly KnownVerb[]> {
  const children = Object.entries((await resolved(command.subCommands)) ?? {});
  const own: KnownVerb = {
    name,
    meta: (await resolved(command.meta)) ?? {},
    args: (await resolved<ArgsDef>(command.args)) ?? {},
    verbs: children.map(([word]) => word),
  };
  const below = await Promise.all(
    children.map(async ([word, child]) => {
      const found: CommandDef | undefined = await resolved(child);
      return found === undefined ? [] : await allVerbs(found, `${name} ${word}`);
    }),
  );
  return [own, ...below.flat()];
}

/** citty lets a part be there, be made by a function, or come later. */
export async function resolved<Value>(value: Resolvable<Value> | undefined): Promise<Value | undefined> {
  return await (isLazy(value) ? value() : value);
}

function isLazy<Value>(
  value: Resolvable<Value> | undefined,
): value is (() => Value) | (() => Promise<Value>) {
  return typeof value === 'function';
}
