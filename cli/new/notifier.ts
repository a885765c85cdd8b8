import path from 'node:path';
import { defineCommand } from 'citty';
import { exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { fromTemplate } from './template.ts';
import { PROJECT, writeNew } from './write-new.ts';

/** `weir new notifier`: someone to tell. */
export default defineCommand({
  meta: {
    name: 'notifier',
    description:
      'Write a notifier that posts events as JSON, and its test, which holds it to what every notifier must do. Example: weir new notifier my-chat Exit codes: 0 written, 3 could not; nothing is written over.',
  },
  args: {
    name: {
      type: 'positional',
      required: true,
      description: 'its name, in small letters and hyphens: my-chat',
    },
    into: { type: 'string', description: 'the repository; default: this one' },
    json: { type: 'boolean', description: 'print what was written as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const { name, into = PROJECT } = args;
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
      throw new Failure(`${name} is no name of a notifier: small letters and digits, with single hyphens`);
    const names = { 'my-notifier': name, MyNotifier: pascalCase(name) };
    return writeNew(
      [
        {
          file: path.join(into, 'activities', 'notifiers', `${name}.ts`),
          text: fromTemplate('notifier.ts.txt', names),
        },
        {
          file: path.join(into, 'test', 'activities', 'notifiers', `${name}.test.ts`),
          text: fromTemplate('notifier.test.ts.txt', names),
        },
      ],
      [
        'say in `bodyOf` and `readAnswer` what the service takes and answers',
        `npx vitest run test/activities/notifiers/${name}.test.ts`,
        `name it in the routing file (WEIR_NOTIFY_FILE) as \`type: ${name}\`: docs/guides/pages.md; npm run gen tells editors`,
      ],
      args.json,
    );
  }),
});

/** `my-chat` as code writes it: `MyChat`. */
function pascalCase(name: string): string {
  return name.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
