import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  readIncidents,
  responderNeeds,
  toldBy,
  type IncidentFacts,
} from '../../../infra/demo/readings/incidents.ts';
import { measureFact } from '../../../infra/demo/readings/sums.ts';
import { startStandIn, type StandIn } from '../../../infra/pagerduty/stand-in.ts';

describe('a measure of store-days', () => {
  const files = { 'S1 2017-01-06': '0.10', 'S2 2017-01-06': '99.90' };

  it('is the same fact only when every store-day is', () => {
    expect(measureFact(files)).toEqual({ storeDays: 2, total: '100.00', differing: [] });
    expect(measureFact({ ...files }, files)).toEqual(measureFact(files));
  });

  it('names what differs, though the totals agree', () => {
    expect(measureFact({ 'S1 2017-01-06': '99.90', 'S3 2017-01-06': '0.10' }, files)).toEqual({
      storeDays: 2,
      total: '100.00',
      differing: [
        'S1 2017-01-06: 99.90 where the files say 0.10',
        'S2 2017-01-06: absent where the files say 99.90',
        'S3 2017-01-06: 0.10 where the files say absent',
      ],
    });
  });

  it('adds counts as counts', () => {
    expect(measureFact({ a: '7', b: '5' })).toMatchObject({ total: '12' });
  });
});

describe('incidents', () => {
  let standIn: StandIn;
  beforeAll(async () => {
    standIn = await startStandIn();
  });
  afterAll(() => standIn.stop());

  it('are read from the stand-in over TLS', async () => {
    expect(await readIncidents(standIn)).toEqual([]);
  });

  it('are not read from a place whose certificate nobody vouches for', async () => {
    await expect(readIncidents({ url: standIn.url, ca: '' })).rejects.toThrow(/certificate/);
  });
});

describe('what a responder is told', () => {
  const needed = {
    expectations: ['expect_column_values_to_be_unique'],
    shares: ['2 of 24'],
    workflowId: 'hourly-2017-01-07T15',
    verdictId: '0a1b',
    owner: 'store-data',
  };
  const details = {
    what_broke: [{ promise: 'expect_column_values_to_be_unique', rows: '2 of 24 (8.3 %)' }],
    since: '2017-01-07T16:00:02.000Z',
    owner: 'store-data',
    runbook: 'docs/runbooks/gate-held.md',
    what_to_press: [{ update: 'reloadAndRetry', json: '{"verdictId":"0a1b"}' }],
    run: 'http://localhost:8233/namespaces/default/workflows/hourly-2017-01-07T15/01/history',
  };
  const incident = (changes: object): IncidentFacts => ({
    dedupKey: 'k',
    status: 'triggered',
    createdAt: '',
    summary: '',
    text: JSON.stringify({ ...details, ...changes }),
  });

  it('is all seven things', () => {
    expect(toldBy(incident({}), needed)).toEqual(responderNeeds);
  });

  it.each([
    ['what broke', { what_broke: '2 of 24' }],
    ['how much of what', { what_broke: 'expect_column_values_to_be_unique' }],
    ['since when', { since: undefined }],
    ['who owns it', { owner: undefined }],
    ['link to the run', { run: 'hourly-2017-01-07T15' }],
    ['runbook', { runbook: undefined }],
    ['what to press', { what_to_press: undefined }],
  ])('misses %s when it is not there', (need, changes) => {
    expect(toldBy(incident(changes), needed)).toEqual(responderNeeds.filter((one) => one !== need));
  });
});
