import { personalParameters } from '../../activities/gate/parameter-values.ts';
import { hashOf } from '../../activities/gate/gate-result.ts';
import { personalColumns } from '../../activities/gate/personal-columns.ts';
import type { Repository } from '../../activities/repository.ts';
import { isList } from '../../expectations/json.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import { redactText } from '../../expectations/redact.ts';
import { isPublished } from '../../models/model.ts';
import type { GateHeader } from '../../models/model.ts';
import type { KeptResult } from './read-results.ts';
import { resultPath, safeName } from './store-paths.ts';
import { objectOf, toldResults, type Telling } from './told-result.ts';

/** A file of the store, below the export's folder. */
export interface StoreFile {
  readonly path: string;
  readonly text: string;
}

/**
 * A gate's result as a file that Great Expectations' store lists and reads. Its run is the workflow, at the time of the
 * evaluation: a gate that was asked again in a run has two results, not one.
 *
 * @param values whether values of rows stay in it.
 */
export function resultFile(kept: KeptResult, repository: Repository, values: boolean): StoreFile {
  const key = {
    suite: kept.suite,
    run: kept.workflowId,
    at: kept.evaluatedAt,
    batch: `${kept.model}-${kept.gate}-${kept.evaluationId}`,
  };
  const found = values ? kept.result : toldValidation(kept, tellingOf(kept, repository));
  const result = {
    ...found,
    suite_name: safeName(kept.suite),
    meta: {
      ...objectOf(found['meta']),
      run_id: { run_name: safeName(kept.workflowId), run_time: kept.evaluatedAt.toISOString() },
    },
  };
  return { path: resultPath(key), text: `${JSON.stringify(result)}\n` };
}

function toldValidation(kept: KeptResult, telling: Telling): JsonObject {
  const { results = [], statistics = {}, success = false, meta = {} } = kept.result;
  const said = objectOf(meta);
  const { reason = null, relation = null } = objectOf(said['weir']);
  return {
    success: success === true,
    results: toldResults(isList(results) ? results : [], telling),
    suite_parameters: {},
    statistics,
    meta: {
      validation_time: said['validation_time'] ?? null,
      active_batch_definition: said['active_batch_definition'] ?? null,
      batch_spec: said['batch_spec'] ?? null,
      weir: {
        model: kept.model,
        gate: kept.gate,
        outcome: kept.outcome,
        verdict: kept.verdictId,
        load: kept.loadId,
        rows: kept.rows,
        as_of: kept.asOf.toISOString(),
        relation,
        ...(typeof reason === 'string' ? { reason: redactText(reason) } : {}),
      },
    },
    id: null,
  };
}

function tellingOf(kept: KeptResult, { graph, suites }: Repository): Telling {
  const suite = suites.get(kept.suite);
  const model = graph.byName.get(kept.model);
  const published = model !== undefined && isPublished(model) ? model : null;
  const header = published?.gates[kept.gate] ?? null;
  const unchanged = suite !== undefined && hashOf(suite.text) === kept.suiteHash && header !== null;
  return {
    promises: unchanged ? suite.expectations : null,
    personal: published === null ? null : personalColumns(published, graph),
    parameters: {
      queried: readFromRows(objectOf(kept.result['suite_parameters']), header?.parameters ?? {}),
      personal: personalParameters(header?.parameters ?? {}, graph),
    },
  };
}

/** All that the header does not say itself today. */
function readFromRows(given: JsonObject, header: GateHeader['parameters']): ReadonlySet<string> {
  const said = ([name, value]: [string, Json]): boolean =>
    JSON.stringify(header[name] ?? null) === JSON.stringify(value);
  return new Set(Object.entries(given).flatMap((one) => (said(one) ? [] : [one[0]])));
}
