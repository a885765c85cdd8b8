import { defineCommand } from 'citty';
import { readGraph } from '../activities/repository.ts';
import { didYouMean } from '../expectations/suggestion.ts';
import type { Graph } from '../models/graph.ts';
import { lineageOf, writtenColumns } from '../models/lineage.ts';
import type { Lineage } from '../models/lineage.ts';
import { personalFlows, rowSteps, traceDown, traceUp, unknownSteps } from '../models/lineage/trace.ts';
import type { PersonalFlow, Trace } from '../models/lineage/trace.ts';
import { ModelRefused } from '../models/model.ts';
import type { Model } from '../models/model.ts';
import { answer } from './answer.ts';
import { cliFolders } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { flowsText, rowsText, traceText, unknownText } from './lineage/lineage-text.ts';

/** `weir lineage`: where a column comes from, or where it goes. Reads the models' files alone. */
export default defineCommand({
  meta: {
    name: 'lineage',
    description:
      'Show where a column comes from, or what is made of it. Without a name: personal columns that flow into ones not marked so. ' +
      'Example: weir lineage gold.fct_daily_sales.gross_sales Exit codes: 0 done, 2 warned, 3 could not run.',
  },
  args: {
    of: {
      type: 'positional',
      required: false,
      description: 'layer.model.column, or layer.model for all of it',
    },
    down: { type: 'boolean', description: 'what is made of it, instead of where it comes from' },
    json: { type: 'boolean', description: 'print JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const graph = await graphOfFiles();
    const lineage = lineageOf(graph);
    const warnings = { personal: personalFlows({ graph, lineage }), unknown: unknownSteps(lineage) };
    if (args.of === undefined) {
      answer(args.json, warnings, () => allText(warnings));
      return warnings.personal.length + warnings.unknown.length > 0 ? exitCodes.warned : exitCodes.done;
    }
    const { model, columns } = asked(graph, lineage, args.of);
    const trace = args.down === true ? traceDown : traceUp;
    const traces = columns.map((column) => trace({ graph, lineage }, model.relation, column));
    const flows = warnings.personal.filter((flow) => traces.some((one) => isOn(one, flow)));
    const rows = args.down === true ? [] : rowSteps(lineage, model.relation);
    answer(args.json, { columns: traces, rows, warnings: flows }, () =>
      [
        ...traces.map((one) => traceText(one, args.down === true ? 'down' : 'up')),
        args.down === true ? '' : rowsText(lineage, model.relation),
        flowsText(flows),
      ].join(''),
    );
    return exitCodes.done;
  }),
});

/** Columns that nobody asks about: Weir keeps them for itself. */
const OF_WEIR: ReadonlySet<string> = new Set(['_xid', '_record_hash']);

async function graphOfFiles(): Promise<Graph> {
  try {
    return await readGraph(cliFolders());
  } catch (error) {
    throw error instanceof ModelRefused ? new Failure(error.message) : error;
  }
}

/** The model, and the columns of it, that `gold.x.y`, `gold.x`, `x.y` or `x` names. */
function asked(graph: Graph, lineage: Lineage, of: string): { model: Model; columns: readonly string[] } {
  const parts = of.split('.');
  const named = [parts.slice(0, 2).join('.'), parts[0] ?? ''];
  const model = graph.models.find(({ relation, name }) => relation === named[0] || name === named[1]);
  if (model === undefined || parts.length > 3) {
    const relations = graph.models.map(({ relation }) => relation);
    throw new Failure(
      [
        `there is no model ${of}.`,
        didYouMean(named[0] ?? '', relations),
        'Name a column as layer.model.column.',
      ]
        .filter(Boolean)
        .join(' '),
    );
  }
  const [column] = parts.slice(model.relation === named[0] ? 2 : 1);
  if (column === undefined) return { model, columns: writtenColumns(model, lineage) };
  const known = lineage.columns.get(model.relation) ?? [];
  if (!known.includes(column))
    throw new Failure(
      [
        `${model.relation} has no column ${column}.`,
        didYouMean(column, known),
        `It has ${known.filter((name) => !OF_WEIR.has(name)).join(', ')}.`,
      ]
        .filter(Boolean)
        .join(' '),
    );
  return { model, columns: [column] };
}

/** Whether the flow is one of the steps of a trace, either way. */
function isOn(trace: Trace, flow: PersonalFlow): boolean {
  return trace.next.some((next) => {
    const ends = [`${trace.relation}.${trace.column}`, `${next.relation}.${next.column}`];
    const step = [`${flow.model}.${flow.column}`, `${flow.fromRelation}.${flow.fromColumn}`];
    return step.every((end) => ends.includes(end)) || isOn(next, flow);
  });
}

function allText(warnings: {
  readonly personal: readonly PersonalFlow[];
  readonly unknown: ReturnType<typeof unknownSteps>;
}): string {
  const text = flowsText(warnings.personal) + unknownText(warnings.unknown);
  return text === '' ? 'every personal column is marked, as far as it flows\n' : text;
}
