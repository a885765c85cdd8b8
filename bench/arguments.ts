/** The parts of a bench that `--only` names; all where it is left out. @throws Error naming the parts there are. */
export function readParts<Part extends string>(
  parts: readonly Part[],
  only: string | undefined,
): readonly Part[] {
  if (only === undefined) return parts;
  return only.split(',').map((text) => {
    const found = parts.find((part) => part === text.trim().toLowerCase());
    if (found === undefined) throw new Error(`--only ${text}: expected some of ${parts.join(', ')}`);
    return found;
  });
}

/** How many, where a flag says it. @throws Error saying what was expected. */
export function readCount(
  name: string,
  text: string | undefined,
  { usual, least = 1, most }: { readonly usual: number; readonly least?: number; readonly most: number },
): number {
  if (text === undefined) return usual;
  const count = Number(text);
  if (!Number.isInteger(count) || count < least || count > most)
    throw new Error(`${name} ${text}: expected a whole number from ${least} to ${most}`);
  return count;
}
