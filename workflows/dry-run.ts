import { upsertSearchAttributes } from '@temporalio/workflow';
import type { Preview, PreviewedModel } from '../activities/preview.ts';
import type { Plan } from '../models/plan.ts';
import { windowRequest } from './model-load.ts';
import { bytesOf, cell, countText, cutTo } from './progress/text.ts';
import * as attribute from './search-attributes.ts';
import { stations } from './stations.ts';
import { step } from './steps.ts';
import type { Walk } from './walk.ts';
import { showDetails } from './redaction.ts';

/** What a run would have done: nothing of it has been. */
export interface DryRun extends Preview {
  /** Sources it would have extracted before. */
  readonly sources: readonly string[];
  /** Models that it would have left as they stand, with why. */
  readonly left: Readonly<Record<string, string>>;
}

/**
 * Says what the run would do, as its current details and as its result, and does nothing of it: no load is opened, no lease
 * taken, nobody paged.
 */
export async function dryRun(walk: Walk, plan: Plan): Promise<DryRun> {
  upsertSearchAttributes([{ key: attribute.gateState, value: 'dryRun' }]);
  const byTime = walk.request.interval !== null || walk.slotAgain !== null;
  const timeless = plan.models.flatMap(({ name, timeless: why }) =>
    byTime && why !== undefined && walk.request.models === null ? [[name, why] as const] : [],
  );
  const left = Object.fromEntries(timeless);
  const models = plan.models
    .filter(({ name }) => !(name in left))
    .map((model) => ({ model: model.name, window: windowRequest(walk, model) }));
  const preview = await stations.preview(
    { models, asOf: walk.request.asOf },
    step(walk, walk.pipeline, `preview ${walk.pipeline} load: nothing is opened`),
  );
  const found = { ...preview, sources: plan.sources.map(({ name }) => name), left };
  showDetails(dryRunDetails(walk, found));
  return found;
}

/** Far below what the Temporal UI shows. */
const DETAILS_BYTES = 18_000;

/** What a run would do, as Markdown: a line a model, those that have something to do first where there are many. */
function dryRunDetails(
  { pipeline, request }: Pick<Walk, 'pipeline' | 'request'>,
  { sources, models, left }: DryRun,
): string {
  const busy = models.filter(({ rows, heldBy }) => rows !== 0 || heldBy !== null);
  const idle = models.filter((model) => !busy.includes(model));
  const rows = [
    ...busy.map(row),
    ...idle.map(row),
    ...Object.entries(left).map(([name, why]) => `| ${name} | as it stands | | ${cell(why)} | | |`),
  ];
  const kept: string[] = [];
  let bytes = 0;
  for (const line of rows) {
    bytes += bytesOf(line) + 1;
    if (bytes > DETAILS_BYTES) break;
    kept.push(line);
  }
  const more = rows.length - kept.length;
  return [
    `**DRY RUN** · ${pipeline} load as of ${request.asOf}: nothing was done`,
    '',
    `It would extract ${sources.length === 0 ? 'no source' : cutTo(1_000, sources.join(', '))}; what they bring comes on top of the rows below.`,
    '',
    '| model | reads | rows | window | gates | held by another run |',
    '| --- | --- | --- | --- | --- | --- |',
    ...kept,
    ...(more > 0 ? [`| ${countText(more)} models more | | | the result has them | | |`] : []),
  ].join('\n');
}

function row({ model, reads, rows, exact, text, gates, heldBy }: PreviewedModel): string {
  const count = rows === null ? '' : `${exact ? '' : 'about '}${countText(rows)}`;
  const asked = Object.entries(gates).map(([gate, suite]) => `${gate} ${suite}`);
  const held = heldBy === null ? '' : `${heldBy.workflowId} since ${heldBy.since}: left`;
  const kind = rows === 0 && exact ? `${reads}, empty` : reads;
  return `| ${model} | ${kind} | ${count} | ${cutTo(300, cell(text))} | ${asked.join(', ')} | ${cell(held)} |`;
}
