import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../expectations/verdict.ts';
import type { PlannedModel } from '../../models/plan.ts';
import { failedSuites, gateState, renderDetails, rowsText, type Progress } from '../../workflows/progress.ts';

const model: PlannedModel = {
  name: 'stg_transactions',
  relation: 'silver.stg_transactions',
  kind: 'incremental',
  owner: 'store-data',
  runbook: null,
  sources: ['raw_transactions'],
  upstream: [],
  downstream: ['fct_daily_sales'],
  gates: { input: { suite: 'transactions' }, output: null },
  gateReason: null,
};

const verdict: Verdict = {
  verdictId: '6f1ff5b0-0000-4000-8000-000000000000',
  evaluationId: 7,
  outcome: 'fail',
  blocks: true,
  quarantine: null,
  model: 'stg_transactions',
  gate: 'input',
  suite: 'transactions',
  loadId: 3,
  asOf: '2017-01-02T15:00:00.000Z',
  rows: 1234,
  evaluated: 8,
  failed: [
    {
      index: 0,
      type: 'expect_column_values_to_be_between',
      column: 'total_amount',
      severity: 'critical',
      errored: false,
      expected: 'total_amount between 0 and 100000',
      observed: '1 of 1234 rows outside',
      unexpectedCount: 1,
      elementCount: 1234,
      rowLevel: true,
      onFailure: 'hold',
      quarantineShare: 0.01,
    },
  ],
  reason: null,
  incidentOpen: false,
};

function progress(held: boolean): Progress {
  const since = Date.parse('2017-01-02T15:00:30Z');
  return {
    pipeline: 'hourly',
    asOf: verdict.asOf,
    sources: new Map([['raw_transactions', '1,234 rows landed']]),
    models: new Map([
      [
        model.name,
        {
          model,
          state: held ? 'held' : 'published',
          note: '',
          held: held
            ? { verdict, heldSince: since, heldUntil: since + 3_600_000, resetEventId: 17, refused: null }
            : null,
        },
      ],
    ]),
  };
}

describe('a run’s details', () => {
  it('say what a held gate found, what waits, and the JSON to paste', () => {
    const details = renderDetails(progress(true));
    expect(details).toContain('**HELD** · hourly load as of 2017-01-02T15:00:00.000Z');
    expect(details).toContain('| total_amount between 0 and 100000 | 1 of 1234 rows outside | critical |');
    expect(details).toContain('Since 2017-01-02T15:00Z, until 2017-01-02T16:00Z');
    expect(details).toContain('fct_daily_sales');
    expect(details).toContain(
      `{"verdictId":"${verdict.verdictId}","reason":"source delivered again","by":"YOUR NAME"}`,
    );
    expect(details).toContain('reset this run to event 17');
    expect(details).toContain(`npm run weir -- gate rows ${verdict.verdictId}`);
    expect(details).toContain('or retry, override, quarantine, abandon.');
    expect(details).toContain(
      `| quarantineAndContinue | the rest is right without the rows that break a promise | \`{"verdictId":"${verdict.verdictId}"`,
    );
  });

  it('offer no quarantine where no row can be blamed, and say why', () => {
    const held = {
      verdict: { ...verdict, reason: 'no rows of stores' },
      heldSince: 0,
      heldUntil: 1,
      resetEventId: 17,
    };
    const shown = progress(true);
    shown.models.set(model.name, { model, state: 'held', note: '', held: { ...held, refused: null } });
    const details = renderDetails(shown);
    expect(details).not.toContain('| quarantineAndContinue |');
    expect(details).toContain('quarantineAndContinue is not possible: the gate could not be checked');
  });

  it('say why nothing was set aside unasked', () => {
    const held = {
      verdict,
      heldSince: 0,
      heldUntil: 1,
      resetEventId: 17,
      refused: '3 of 9 rows break promises',
    };
    const shown = progress(true);
    shown.models.set(model.name, { model, state: 'held', note: '', held });
    expect(renderDetails(shown)).toContain('Not set aside unasked: 3 of 9 rows break promises.');
  });

  it('render verdicts of earlier versions, which say nothing of quarantine', () => {
    const { onFailure: _, rowLevel: __, quarantineShare: ___, ...old } = verdict.failed[0] ?? {};
    const replayed: Verdict = JSON.parse(
      JSON.stringify({ ...verdict, quarantine: undefined, failed: [old] }),
    );
    const held = { verdict: replayed, heldSince: 0, heldUntil: 1, resetEventId: 17, refused: null };
    const shown = progress(true);
    shown.models.set(model.name, { model, state: 'held', note: '', held });
    expect(renderDetails(shown)).toContain('| total_amount between 0 and 100000 |');
  });

  it('are a table and nothing else when all is well', () => {
    const details = renderDetails(progress(false));
    expect(details).toContain('**PASSED**');
    expect(details).toContain('| raw_transactions | extract | 1,234 rows landed |');
    expect(details).not.toContain('##');
  });

  it('name the loudest state and the suites that hold', () => {
    expect(gateState(progress(true))).toBe('held');
    expect(failedSuites(progress(true))).toEqual(['transactions']);
    expect(gateState(progress(false))).toBe('passed');
    expect(failedSuites(progress(false))).toEqual([]);
  });

  it.each([
    [null, 'rows not counted'],
    [0, '0 rows'],
    [1, '1 row'],
    [12_345, '12,345 rows'],
  ])('count %s as "%s"', (rows, text) => {
    expect(rowsText(rows)).toBe(text);
  });
});
