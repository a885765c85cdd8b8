import { sql } from 'kysely';
import type { Database } from '../../../activities/databases.ts';

/** The full results of the last evaluations, of which data docs are made: as large as those that gates store. */
export async function fillResults(admin: Database, results: number): Promise<void> {
  await sql`
    insert into control.gate_result (evaluation_id, result, parameters)
    select run.evaluation_id, jsonb_build_object(
      'success', run.expectations_failed = 0, 'suite_name', run.suite, 'suite_parameters', '{}'::jsonb, 'id', null,
      'results', coalesce(found.results, '[]'),
      'statistics', jsonb_build_object('evaluated_expectations', 6, 'successful_expectations', 6 - run.expectations_failed,
        'unsuccessful_expectations', run.expectations_failed, 'success_percent', (6 - run.expectations_failed) / 6.0 * 100),
      'meta', jsonb_build_object('run_id', jsonb_build_object('run_name', run.workflow_id, 'run_time', run.as_of),
        'validation_time', run.as_of, 'batch_spec', jsonb_build_object('data_asset_name', run.model),
        'active_batch_definition', jsonb_build_object('datasource_name', 'weir', 'data_connector_name', 'weir',
          'data_asset_name', run.model, 'batch_identifiers', '{}'::jsonb),
        'weir', jsonb_build_object('model', run.model, 'gate', run.gate))), '{}'
    from (select * from control.gate_run where outcome <> 'error' order by evaluation_id desc limit ${results}) as run
    left join lateral (
      select jsonb_agg(jsonb_build_object(
        'success', found.outcome = 'held',
        'expectation_config', jsonb_build_object('type', promise.type, 'meta', '{}'::jsonb, 'severity', found.severity,
          'kwargs', jsonb_strip_nulls(jsonb_build_object('column', promise.column_name, 'min_value', found.lower,
            'max_value', found.upper, 'value_set', case when promise.type ~ 'in_set' then '["WEB", "STORE", "PHONE"]'::jsonb end))
            - case when promise.unit = 'share' and promise.place <> 2 then '{min_value,max_value}'::text[] else '{}' end),
        'result', case when promise.unit = 'share' then jsonb_build_object('element_count', found.elements,
            'unexpected_count', found.unexpected, 'unexpected_percent', (found.unexpected * 100.0 / found.elements)::float8,
            'missing_count', 0, 'missing_percent', 0, 'partial_unexpected_list', '[]'::jsonb,
            'unexpected_percent_total', (found.unexpected * 100.0 / found.elements)::float8,
            'unexpected_percent_nonmissing', (found.unexpected * 100.0 / found.elements)::float8)
          else jsonb_build_object('observed_value', found.observed) end,
        'meta', jsonb_build_object('weir', jsonb_build_object('promise', promise.key)),
        'exception_info', '{"raised_exception": false, "exception_traceback": null, "exception_message": null}'::jsonb)
        order by promise.place) as results
      from control.promise as promise
      join control.promise_result as found on found.promise_id = promise.promise_id and found.evaluation_id = run.evaluation_id
      where promise.model = run.model and promise.gate = run.gate
    ) as found on true`.execute(admin);
}
