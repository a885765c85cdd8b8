import type { Choice, Completed } from './choices.ts';

/** How the script calls this command again, as words of a shell. */
export type Caller = readonly string[];

/**
 * A completion script for bash: `source <(weir completion bash)`.
 *
 * @see https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html
 */
export function bashScript(verbs: readonly Completed[], caller: Caller): string {
  return `# Completion of weir for bash, made by \`weir completion bash\`. To have it: source <(weir completion bash)
_weir_words() { ${caller.map(quoted).join(' ')} completion --words "$1" 2>/dev/null; }
_weir() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" verb=weir placed=0 skip=0 files=0 reply='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
${follow(verbs, '${COMP_WORDS[i]}')}
  done
${decide(verbs)}
  if ((files)); then COMPREPLY=($(compgen -f -- "$cur")); return; fi
  COMPREPLY=($(compgen -W "$reply" -- "$cur"))
}
complete -F _weir weir
`;
}

/**
 * A completion script for zsh: \`source <(weir completion zsh)\`, after \`compinit\`.
 *
 * @see https://zsh.sourceforge.io/Doc/Release/Completion-System.html
 */
export function zshScript(verbs: readonly Completed[], caller: Caller): string {
  return `#compdef weir
# Completion of weir for zsh, made by \`weir completion zsh\`. To have it, after compinit: source <(weir completion zsh)
_weir_words() { ${caller.map(quoted).join(' ')} completion --words "$1" 2>/dev/null; }
_weir() {
  local cur="\${words[CURRENT]}" prev="\${words[CURRENT-1]}" verb=weir placed=0 skip=0 files=0 reply='' i
  for ((i = 2; i < CURRENT; i++)); do
${follow(verbs, '${words[i]}')}
  done
${decide(verbs)}
  if ((files)); then _files; return; fi
  compadd -- \${=reply}
}
compdef _weir weir
`;
}

/** Which verb the words before this one name, and whether its place is taken: values of flags are no places. */
function follow(verbs: readonly Completed[], word: string): string {
  const below = verbs.flatMap(({ verb, verbs: names }) => names.map((name) => `${verb} ${name}`));
  const valued = verbs.flatMap(({ verb, values }) => values.map(([flag]) => `${verb} ${flag}`));
  return `    if ((skip)); then skip=0; continue; fi
    case "$verb ${word}" in
      ${below.map(quoted).join('|')}) verb="$verb ${word}";;
      ${valued.map(quoted).join('|')}) skip=1;;
      *' --'*) ;;
      *) placed=1;;
    esac`;
}

/** What may stand here: a value of the flag before it, a flag, a verb, or what the place is for. */
function decide(verbs: readonly Completed[]): string {
  const values = verbs.flatMap(({ verb, values: flags }) =>
    flags.map(([flag, choice]) => `    ${quoted(`${verb} ${flag}`)}) ${setReply(choice)};;`),
  );
  const own = verbs.map(({ verb, verbs: names, flags, place }) => {
    const first =
      names.length > 0 ? `reply=${quoted(names.join(' '))}` : place === null ? ':' : setReply(place);
    const all = quoted(flags.join(' '));
    return `    ${quoted(verb)}) if [[ "$cur" == -* ]]; then reply=${all}; elif ((!placed)); then ${first}; fi;;`;
  });
  return `  case "$verb $prev" in
${values.join('\n')}
    *) case "$verb" in
${own.map((line) => `  ${line}`).join('\n')}
      esac;;
  esac`;
}

function setReply(choice: Choice): string {
  switch (choice.kind) {
    case 'words':
      return `reply=${quoted(choice.words.join(' '))}`;
    case 'asked':
      return `reply="$(_weir_words ${choice.asked})"`;
    case 'files':
      return 'files=1';
    case 'anything':
      return ':';
  }
}

/** One word of a shell, whatever is in it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
