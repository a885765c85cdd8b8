import type { JsonObject } from '../../expectations/json.ts';
import { uuidOrNull } from '../../expectations/result-meta.ts';
import type { Suite } from '../../expectations/suite.ts';
import type { SuiteExpectation } from '../../expectations/suite-expectation.ts';
import { safeName } from './store-paths.ts';

/**
 * A suite in the form of Great Expectations 1.x, whatever form its file has: of the name that its results have in the
 * store, and with ids where they are UUIDs, as it takes no others.
 *
 * @param name the file's, without `.json`.
 */
export function suiteJson(name: string, { id, expectations, meta, notes }: Suite): JsonObject {
  return {
    name: safeName(name),
    id: uuidOrNull(id),
    expectations: expectations.map(expectationJson),
    meta,
    ...(notes === null ? {} : { notes }),
  };
}

function expectationJson(expectation: SuiteExpectation): JsonObject {
  const { kind, kwargs, meta, severity, notes, description } = expectation;
  const id = uuidOrNull(expectation.id);
  return {
    type: kind.type,
    kwargs,
    meta,
    severity,
    ...(notes === null ? {} : { notes }),
    ...(description === null ? {} : { description }),
    ...(id === null ? {} : { id }),
  };
}
