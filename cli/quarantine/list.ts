import { defineCommand } from 'citty';
import { mappersOf, sourceOf } from '../../activities/quarantine/source-of.ts';
import { readKept } from '../../activities/quarantine/kept-rows.ts';
import type { Kept } from '../../activities/quarantine/kept-rows.ts';
import { didYouMean } from '../../expectations/suggestion.ts';
import type { Graph } from '../../models/graph.ts';
import { isSource } from '../../models/model.ts';
import { answer } from '../answer.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { markWhereAllowed, withQuarantine } from './connect.ts';

const states = ['waiting', 'released', 'superseded'] as const;

/** `weir quarantine list`: what is set aside, without any value of it. */
export default defineCommand({
  meta: {
    name: 'list',
    description:
      'What is set aside, why and where it came from; no values of rows. Example: weir quarantine list --model stg_transactions Exit codes: 0 done, 3 could not run.',
  },
  args: {
    model: { type: 'string', description: 'only what this model left out or its gates set aside' },
    source: { type: 'string', description: 'only what was delivered to this source, whoever set it aside' },
    state: { type: 'string', description: 'waiting, released or superseded; default: waiting' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(
    async ({ args }): Promise<ExitCode> =>
      await withQuarantine('weir quarantine list', async (database, graph) => {
        const state = states.find((one) => one === (args.state ?? 'waiting'));
        if (state === undefined)
          throw new Failure(`there is no state ${args.state ?? ''}; there are ${states.join(', ')}`);
        checkNames(graph, args.model, args.source);
        await markWhereAllowed(database, graph);
        const source = graph.models.filter(isSource).find(({ name }) => name === args.source);
        const kept = await readKept(
          database,
          {
            state,
            ...(args.model === undefined ? {} : { relation: args.model }),
            ...(source === undefined ? {} : { source: source.name }),
          },
          source === undefined ? [] : mappersOf(graph, source),
        );
        answer(args.json, kept, () => listText(kept, state, graph));
        return exitCodes.done;
      }),
  ),
});

/** @throws Failure (3) for a model or source that there is not, naming what was likely meant. */
export function checkNames(graph: Graph, ...asked: readonly (string | undefined)[]): void {
  const names = graph.models.map(({ name }) => name);
  for (const name of asked)
    if (name !== undefined && !names.includes(name))
      throw new Failure(`there is no model ${name}. ${didYouMean(name, names)}`.trim());
}

function listText(kept: readonly Kept[], state: string, graph: Graph): string {
  if (kept.length === 0) return `nothing is ${state}\n`;
  return kept
    .map((one) => {
      const { id, relation, file, revision, position, reason, since } = one;
      const place =
        file === null ? 'computed from several rows' : `${file} revision ${revision}, line ${position}`;
      const way = sourceOf(graph, relation) === null ? ' (not to be released)' : '';
      return `${id} · ${whoseWords(one)} · ${since.slice(0, 19)}Z\n  ${reason}\n  ${place}${way}\n`;
    })
    .join('');
}

function whoseWords({ kind, relation, gate, loadId }: Kept): string {
  switch (kind) {
    case 'record':
      return `${relation}: was no record`;
    case 'leftOut':
      return `${relation}: left out by its SELECT, load ${loadId}`;
    case 'setAside':
      return `${relation}: set aside by its ${gate} gate, load ${loadId}`;
  }
}
