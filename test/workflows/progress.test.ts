import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../expectations/verdict.ts';
import type { PlannedModel } from '../../models/plan.ts';
import {
  failedSuites,
  gateState,
  newProgress,
  rowsText,
  waitingModel,
  type HeldProgress,
  type ModelProgress,
  type Progress,
} from '../../workflows/progress.ts';
import { renderDetails } from '../../workflows/progress/details.ts';
import { keywords } from '../../workflows/progress/keywords.ts';
import { shownState } from '../../workflows/progress/show.ts';
import { bytesOf, cutTo, summaryOf } from '../../workflows/progress/text.ts';

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

const since = Date.parse('2017-01-02T15:00:30Z');
const hold: HeldProgress = {
  verdict,
  heldSince: since,
  heldUntil: since + 3_600_000,
  resetEventId: 17,
  refused: null,
};

function heldLine(held: HeldProgress, name = model.name): ModelProgress {
  return { ...waitingModel({ ...model, name }, since), state: 'held', note: 'input gate: 1 of 8', held };
}

function progress(held: boolean): Progress {
  const shown = newProgress('hourly', verdict.asOf, 'hourly-1');
  shown.sources.set('raw_transactions', '1,234 rows landed');
  shown.planned = true;
  shown.models.set(
    model.name,
    held ? heldLine(hold) : { ...waitingModel(model, since), state: 'published', rows: 1234 },
  );
  return shown;
}

describe('a run’s details', () => {
  it('say what a held gate found, what waits, and the JSON to paste', () => {
    const details = renderDetails(progress(true));
    expect(details).toContain('**HELD** · hourly load as of 2017-01-02T15:00:00.000Z');
    expect(details).toContain('| total_amount between 0 and 100000 | 1 of 1234 rows outside | critical |');
    expect(details).toContain('Since 2017-01-02T15:00Z, until 2017-01-02T16:00Z');
    expect(details.indexOf('verdictId'), 'what to press stands before all other models').toBeLessThan(
      details.indexOf('| stg_transactions | **HELD**'),
    );
    expect(details).toContain('Runbook: `docs/runbooks/gate-held.md`');
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
    const shown = progress(true);
    shown.models.set(model.name, heldLine({ ...hold, verdict: { ...verdict, reason: 'no rows of stores' } }));
    const details = renderDetails(shown);
    expect(details).not.toContain('| quarantineAndContinue |');
    expect(details).toContain('quarantineAndContinue is not possible: the gate could not be checked');
  });

  it('say why nothing was set aside unasked', () => {
    const shown = progress(true);
    shown.models.set(model.name, heldLine({ ...hold, refused: '3 of 9 rows break promises' }));
    expect(renderDetails(shown)).toContain('Not set aside unasked: 3 of 9 rows break promises.');
  });

  it('render verdicts of earlier versions, which say nothing of quarantine', () => {
    const { onFailure: _, rowLevel: __, quarantineShare: ___, ...old } = verdict.failed[0] ?? {};
    const replayed: Verdict = JSON.parse(
      JSON.stringify({ ...verdict, quarantine: undefined, failed: [old] }),
    );
    const shown = progress(true);
    shown.models.set(model.name, heldLine({ ...hold, verdict: replayed }));
    expect(renderDetails(shown)).toContain('| total_amount between 0 and 100000 |');
  });

  it('are a table and nothing else when all is well', () => {
    const details = renderDetails(progress(false));
    expect(details).toContain('**PASSED**');
    expect(details).toContain('| raw_transactions | extract | | | | 1,234 rows landed |');
    expect(details).toContain('| stg_transactions | published | 2\u00a0Jan\u00a015:00Z | 1,234 |');
    expect(details).not.toContain('##');
  });

  it('name the loudest state and the suites that hold', () => {
    expect(gateState(progress(true))).toBe('held');
    expect(failedSuites(progress(true))).toEqual(['transactions']);
    expect(gateState(progress(false))).toBe('passed');
    expect(failedSuites(progress(false))).toEqual([]);
  });

  it('write the search attributes for each model that is held or let go, as runs of earlier versions did', () => {
    const shown = progress(true);
    const one = shownState(shown, false);
    shown.models.set('stg_returns', heldLine(hold, 'stg_returns'));
    expect(keywords(failedSuites(shown))).toEqual(['transactions']);
    expect(shownState(shown, false)).not.toBe(one);
  });

  it('write them once before the plan and once after it, but where they were told at the start', () => {
    const planning = newProgress('hourly', verdict.asOf, 'hourly-1');
    expect(gateState(planning)).toBe('running');
    const planned: Progress = {
      ...planning,
      planned: true,
      models: new Map([[model.name, waitingModel(model, since)]]),
    };
    expect(gateState(planned)).toBe('running');
    expect(shownState(planned, false)).not.toBe(shownState(planning, false));
    expect(shownState(planned, true)).toBe(shownState(planning, true));
  });

  it.each([
    [null, 'rows not counted'],
    [0, '0 rows'],
    [1, '1 row'],
    [12_345, '12,345 rows'],
  ])('count %s as "%s"', (rows, text) => {
    expect(rowsText(rows)).toBe(text);
  });

  it('say when each came to its state, what its gates found, what is next and where to reset to', () => {
    const shown = progress(false);
    shown.points.set('hourly', new Map([['plan', 4]]));
    shown.points.set('raw_transactions', new Map([['extract', 10]]));
    shown.points.set(model.name, new Map([['open', 16], ['gate input', 22]])); // prettier-ignore
    const line = {
      ...waitingModel(model, since),
      state: 'checking' as const,
      note: 'input gate, suite transactions',
    };
    line.verdicts.set('input', 'pass 8');
    shown.models.set(model.name, line);
    shown.models.set(
      'fct',
      waitingModel({ ...model, name: 'fct', sources: [], upstream: [model.name] }, since),
    );
    const details = renderDetails(shown);
    expect(details).toContain(
      '| stg_transactions | checking | 2\u00a0Jan\u00a015:00Z |  | input pass 8 | input gate, suite transactions → stage → publish | open 16, gate input 22 |',
    );
    expect(details).toContain('| 1,234 rows landed | extract 10 |');
    expect(details).toContain('| fct | waiting |  |  |  | after stg_transactions |');
    expect(details).toContain('all of it to event 4');
    expect(details).toContain("npm run weir -- reset hourly-1 --to 'gate MODEL'");
    expect(details).toContain('1 checking, 1 waiting');
  });

  it('name slots that were missed, and what to do', () => {
    const shown = { ...progress(false), missedSlots: ['2017-01-02T09:00:00.000Z'] };
    const details = renderDetails(shown);
    expect(details).toContain('## Slots that no run has taken\n2017-01-02T09:00:00.000Z.');
    expect(details).toContain('npm run weir -- backfill hourly --from START --to END');
  });

  it('count what has ended well where there are many models, and show what has not', () => {
    const shown = newProgress('hourly', verdict.asOf, 'hourly-1');
    for (let n = 0; n < 140; n += 1) {
      const state = n === 7 ? 'failed' : n === 8 ? 'loading' : 'published';
      shown.models.set(`m${n}`, { ...waitingModel({ ...model, name: `m${n}` }, since), state, rows: 10 });
    }
    const details = renderDetails(shown);
    expect(details).toContain('| 138 models | published | | 1,380 |');
    expect(details).toContain('| m7 | failed |');
    expect(details).toContain('| m8 | loading |');
    expect(details).not.toContain('| m9 |');
    expect(bytesOf(details)).toBeLessThan(2_000);
  });

  it('stay below 20 kB whatever is held, failed or said', () => {
    const long = fc.string({ unit: 'grapheme', maxLength: 3_000 });
    const lines = fc.array(fc.record({ held: fc.boolean(), note: long }), { maxLength: 300 });
    fc.assert(
      fc.property(lines, fc.array(long, { maxLength: 60 }), (models, sources) => {
        const shown = newProgress('hourly', verdict.asOf, 'hourly-1');
        for (const [n, note] of sources.entries()) shown.sources.set(`raw_${n}`, note);
        for (const [n, { held, note }] of models.entries()) {
          const name = `a_model_of_a_long_name_that_is_held_${n}`;
          const line = heldLine({ ...hold, refused: note }, name);
          shown.models.set(name, held ? { ...line, note } : { ...line, state: 'failed', held: null, note });
        }
        expect(bytesOf(renderDetails(shown))).toBeLessThan(20_000);
      }),
      { numRuns: 30 },
    );
  });
});

describe('Temporal’s limits', () => {
  it.each([0, 1, 20, 140, 5000])(
    '%i names fit a search attribute, and say how many more there are',
    (count) => {
      const names = Array.from({ length: count }, (_, n) => `a_suite_of_a_long_and_telling_name_${n}`);
      const kept = keywords(names);
      expect(bytesOf(JSON.stringify(kept))).toBeLessThan(2048);
      expect(kept.slice(0, 20)).toEqual(names.slice(0, 20));
      if (count === 140) expect(kept.at(-1)).toBe(`and ${140 - (kept.length - 1)} more`);
      else if (count <= 20) expect(kept).toEqual(names);
    },
  );

  it('any names fit a search attribute, any text a summary', () => {
    const text = fc.string({ unit: 'binary', maxLength: 600 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), text, fc.nat(500), (names, long, limit) => {
        expect(bytesOf(JSON.stringify(keywords(names)))).toBeLessThan(2048);
        expect(bytesOf(summaryOf(long))).toBeLessThan(400);
        expect(bytesOf(cutTo(limit + 3, long))).toBeLessThanOrEqual(limit + 3);
      }),
    );
  });

  it('cut no character in two', () => {
    expect(cutTo(6, 'ab😀😀')).toBe('ab…');
    expect(cutTo(10, 'ab😀😀')).toBe('ab😀😀');
  });
});
