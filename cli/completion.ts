import path from 'node:path';
import { defineCommand } from 'citty';
import { asked, completed } from './completion/choices.ts';
import { bashScript, zshScript } from './completion/script.ts';
import { wordsOf } from './completion/words.ts';
import { allVerbs, type Command } from './command-tree.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';

const WEIR = path.resolve(import.meta.dirname, 'weir.ts');
const scripts = { bash: bashScript, zsh: zshScript } as const;

/** `weir completion`: a script by which a shell completes this command. @param tree of all verbs. */
export function completionOf(tree: Command) {
  return defineCommand({
    meta: {
      name: 'completion',
      description:
        'Print a script by which a shell completes verbs, flags, models and held verdicts; there is no JSON of it. Example: source <(weir completion bash) Exit codes: 0 done, 3 could not run.',
    },
    args: {
      shell: { type: 'positional', required: false, description: 'bash or zsh' },
      words: { type: 'string', description: `what such a script asks for itself: ${asked.join(', ')}` },
    },
    run: exitsWith(async ({ args }): Promise<ExitCode> => {
      process.stdout.write(
        args.words === undefined ? await script(tree, args.shell) : await words(args.words),
      );
      return exitCodes.done;
    }),
  });
}

async function script(tree: Command, shell: string | undefined): Promise<string> {
  const write = shell === 'bash' || shell === 'zsh' ? scripts[shell] : undefined;
  if (write === undefined)
    throw new Failure(
      `weir completion needs a shell, bash or zsh${shell === undefined ? '' : `; there is none for ${shell}`}`,
    );
  const verbs = await allVerbs(tree);
  return write(verbs.map(completed), [process.execPath, WEIR]);
}

async function words(what: string): Promise<string> {
  const known = asked.find((one) => one === what);
  if (known === undefined) throw new Failure(`--words ${what} is none of ${asked.join(', ')}`);
  return (await wordsOf(known)).map((word) => `${word}\n`).join('');
}
