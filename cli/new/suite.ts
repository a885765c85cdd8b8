import path from 'node:path';
import { defineCommand } from 'citty';
import { readGraph } from '../../activities/repository.ts';
import { isPublished, isSource } from '../../models/model.ts';
import { cliFolders } from '../connect.ts';
import { exitsWith, type ExitCode } from '../exit-codes.ts';
import { withFiles } from '../selecting.ts';
import { columnsOf, modelNamed } from './columns.ts';
import { suiteText } from './suite-text.ts';
import { checkName, writeNew } from './write-new.ts';

/** `weir new suite`: promises about a table. */
export default defineCommand({
  meta: {
    name: 'suite',
    description:
      'Write a suite for a source or model: that its key is there and unique. weir profile drafts one from what the table holds. Example: weir new suite returns --for raw_returns Exit codes: 0 written, 3 could not; nothing is written over.',
  },
  args: {
    name: { type: 'positional', required: true, description: 'its name: returns' },
    for: { type: 'string', required: true, description: 'the source or model that it is about' },
    owner: { type: 'string', description: 'the team that is asked about it; default: as of the model' },
    json: { type: 'boolean', description: 'print what was written as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    checkName(args.name);
    const folders = cliFolders();
    const graph = await withFiles(() => readGraph(folders));
    const model = modelNamed(graph, args.for);
    const names = columnsOf(graph, model).map(({ name }) => name);
    const known = isPublished(model) ? model.uniqueKey : isSource(model) ? model.settings['key'] : null;
    const key = Array.isArray(known) ? known.map(String) : names.slice(0, 1);
    const file = path.join(folders.suitesFolder, `${args.name}.json`);
    const text = suiteText({
      name: args.name,
      owner: args.owner ?? model.owner,
      relation: model.relation,
      key,
    });
    return writeNew(
      [{ file, text }],
      [
        `weir validate ${args.name} --table ${model.relation}`,
        `weir profile ${model.relation} drafts more promises from what the table holds`,
        `name it in the header of a model: gates: {output: {suite: ${args.name}}}, or input for what it reads`,
      ],
      args.json,
    );
  }),
});
