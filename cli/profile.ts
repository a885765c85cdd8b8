import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import type { DatabaseTransaction } from '../activities/databases.ts';
import { readGraph } from '../activities/repository.ts';
import { jsonText } from '../expectations/json-text.ts';
import { grouped } from '../expectations/measured.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { draftPromises } from './profile/draft.ts';
import { holdDraft } from './profile/hold-draft.ts';
import { profileTable } from './profile/profile-table.ts';
import { withProgress } from './progress.ts';
import { readBatch, reading } from './reading.ts';

/** `weir profile`: drafts a suite from what a table holds. It holds for that table as it is now. */
export default defineCommand({
  meta: {
    name: 'profile',
    description:
      'Draft a suite from a table, as JSON. Example: weir profile bronze.raw_transactions --out expectations/suites/mine.json Exit codes: 0 done, 3 could not run.',
  },
  args: {
    table: { type: 'positional', required: true, description: 'schema.table, or schema.view' },
    where: { type: 'string', description: 'SQL that chooses rows of it' },
    name: { type: 'string', description: 'the name of the suite; default: that of the table' },
    out: { type: 'string', description: 'a file to write; default: print it' },
    force: { type: 'boolean', description: 'write over a file that is there' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const { out } = args;
    if (out !== undefined && args.force !== true && existsSync(out))
      throw new Failure(`${out} is there already: name another file, or add --force to write over it`);
    if (out !== undefined && !existsSync(path.dirname(out)))
      throw new Failure(`--out ${out}: there is no folder ${path.dirname(out)}`);
    const asOf = new Date().toISOString();
    const began = performance.now();
    const draft = async (trx: DatabaseTransaction) => {
      const batch = await readBatch(trx, args.table, args.where);
      const { table, scans } = await profileTable(trx, batch, asOf, await personalColumns(batch.relation));
      const about = {
        name: args.name ?? batch.relation[1],
        notes: `Drafted by weir profile at ${asOf.slice(0, 19)}Z from ${grouped(table.rows)} rows of ${args.table}${args.where === undefined ? '' : ` where ${args.where}`}. Each promise has the figure it came from.`,
      };
      const held = await holdDraft(trx, batch, asOf, draftPromises(table), about);
      const told = [
        `${args.table}: ${grouped(table.rows)} rows, ${grouped(table.columns.length)} columns; ${grouped(held.promises)} promises, drafted in ${scans} scans and checked in one more`,
        ...(table.own.length === 0
          ? []
          : [
              `nothing promised about ${table.own.join(', ')}: Weir keeps ${table.own.length === 1 ? 'it' : 'them'} for itself`,
            ]),
        ...table.columns
          .filter(({ personal }) => personal)
          .map(({ name }) => `no values told: ${name} is personal, by its model or its name`),
        ...held.leftOut.map((why) => `left out: ${why}`),
      ];
      return { text: `${jsonText(held.suite)}\n`, told };
    };
    const { text, told } = await withProgress(`reading ${args.table}`, () =>
      reading(asOf, 'weir profile', draft),
    );
    if (out === undefined) process.stdout.write(text);
    else writeFileSync(out, text, { flag: args.force === true ? 'w' : 'wx' });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    process.stderr.write(
      `${[...told, ...NEXT, ...(out === undefined ? [] : [`wrote ${out} (${seconds} s)`])].join('\n')}\n`,
    );
    return exitCodes.done;
  }),
});

const NEXT = [
  'critical: keys, and their columns not NULL. warning: all else. Change what your readers depend on.',
  'before a model names it as a gate: meta.weir.owner and meta.weir.runbook, which nobody can draft.',
];

/** Columns that a model of that name marks personal. */
async function personalColumns([schema, name]: readonly [string, string]): Promise<ReadonlySet<string>> {
  const root = path.resolve(import.meta.dirname, '..');
  const graph = await readGraph({ modelsFolder: path.join(root, 'models') });
  const model = graph.models.find((one) => one.layer === schema && one.name === name);
  return new Set(
    Object.entries(model?.columns ?? {})
      .filter(([, { personal }]) => personal)
      .map(([column]) => column),
  );
}
