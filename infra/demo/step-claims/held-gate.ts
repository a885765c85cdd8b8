import { spoiledHour } from '../plot.ts';
import { readList, readOne, type World } from '../world.ts';
import { badScene } from './scenes.ts';

/** The owner that the header of stg_transactions names. */
export const owner = 'store-data';

/** The expectations that the bad hour breaks, as `type(column)`, by name. */
export function brokenExpectations(world: World): readonly string[] {
  return spoiledHour(badScene(world))
    .broken.map(({ expectation, column }) => `${expectation}(${column})`)
    .toSorted();
}

/** The expectations that failed when the bad hour's gate was last asked, as `type(column)`, by name. */
export async function failedExpectations(world: World): Promise<readonly string[]> {
  const failed = await readList(
    world,
    `select (expectation -> 'expectation_config' ->> 'type')
            || '(' || coalesce(expectation -> 'expectation_config' -> 'kwargs' ->> 'column', '') || ')'
     from control.gate_result, jsonb_path_query(result, '$.results[*] ? (@.success == false)') as expectation
     where evaluation_id = (
       select max(evaluation_id) from control.gate_run
       where workflow_id = $1 and model = 'stg_transactions' and gate = 'input' and outcome = 'fail')`,
    [badScene(world).workflowId],
  );
  return failed.map(String).toSorted();
}

/** The verdict that holds the bad hour, as the gate wrote it. */
export function heldVerdictId(world: World): Promise<string> {
  return heldVerdictOf(world, badScene(world).workflowId, 'stg_transactions');
}

/** The verdict that holds a model in a run, as the gate wrote it. */
export async function heldVerdictOf(world: World, workflowId: string, model: string): Promise<string> {
  const verdict = await readOne(
    world,
    `select verdict_id::text from control.gate_run
     where workflow_id = $1 and model = $2 and outcome = 'fail' order by evaluation_id desc limit 1`,
    [workflowId, model],
  );
  if (typeof verdict !== 'string') throw new Error(`the gate of ${model} has written no failing verdict`);
  return verdict;
}
