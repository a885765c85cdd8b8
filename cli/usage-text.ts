import { stripVTControlCharacters } from 'node:util';

/**
 * citty's page of usage as somebody reads it: the example and the exit codes of a verb on lines of their own, one sentence
 * for each verb below it, nothing padded to the width of the longest, and no colours where no terminal shows them.
 */
export function usageText(page: string, inColor: boolean): string {
  const [about = '', ...rest] = (inColor ? page : stripVTControlCharacters(page)).split('\n');
  const commands = rest.findIndex((line) => stripVTControlCharacters(line) === 'COMMANDS');
  const lines = rest.map((line, at) => {
    const isVerb = commands >= 0 && at > commands;
    return (isVerb ? line.replace(/(?<=\S\.) .*$/, '') : line).trimEnd();
  });
  const said = about.replace(/ \(weir[a-z ]*\)/, '').replaceAll(/ (?=(?:Example|Exit codes): )/g, '\n');
  return `${[said, ...lines].join('\n').trimEnd()}\n`;
}
