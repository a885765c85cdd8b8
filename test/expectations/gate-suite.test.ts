import { expect, test } from 'vitest';
import { checkGateSuite } from '../../expectations/gate-suite.ts';
import type { JsonObject } from '../../expectations/json.ts';
import { problemText } from '../../expectations/problem.ts';
import { expectation, suiteOf } from './suite-text.ts';

const MODEL = 'models/gold/things.sql';

function lacking(severities: readonly string[], weir: JsonObject): readonly string[] {
  const promises = severities.map((severity) =>
    expectation('expect_column_values_to_not_be_null', { column: 'x' }, { severity }),
  );
  return checkGateSuite(suiteOf(promises, { meta: { weir } }), MODEL).map(({ pointer }) => pointer);
}

test.each([
  [['warning', 'critical'], {}, ['/meta/weir/owner', '/meta/weir/runbook']],
  [['critical'], { owner: 'us' }, ['/meta/weir/runbook']],
  [['critical'], { runbook: 'docs/x.md', owner: null }, ['/meta/weir/owner']],
  [['critical'], { owner: 'us', runbook: 'docs/x.md' }, []],
  [['warning', 'info'], {}, []],
])('a suite of %j that says %j lacks %j as a gate', (severities, weir, pointers) => {
  expect(lacking(severities, weir)).toEqual(pointers);
});

test('the sentence says whose gate it is and what to write', () => {
  const suite = suiteOf([expectation('expect_column_values_to_not_be_null', { column: 'x' })], {
    meta: { weir: { owner: 'us' } },
  });
  expect(checkGateSuite(suite, MODEL).map(problemText)).toEqual([
    'test.json /meta/weir/runbook: the suite has no runbook, is critical (/expectations/0) and a gate of ' +
      'models/gold/things.sql. Expected: what to do when it fails: a path in the repository or an address. ' +
      'Write it into the suite: "meta": {"weir": {"owner": …, "runbook": …}}.',
  ]);
});
