import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readNotPassed, type ListedRun } from '../../../catalogue/read/gate-run-list.ts';
import { openGatePages, type GatePages } from '../gate-pages.ts';
import { asked, decided, held, MODEL, opened, publish, setAside } from '../gate-runs.ts';

let pages: GatePages;
let database: GatePages['database'];
let read: GatePages['read'];
beforeEach(async () => {
  pages = await openGatePages('2017-01-02T10:00:00Z');
  ({ database, read } = pages);
});
afterEach(() => pages.close());

const PRESS = 'What to press';

describe('what became of a verdict', () => {
  test('a pass says that its load was published, and offers nothing to press', async () => {
    const { verdictId } = await asked(database.admin, {
      outcome: 'pass',
      loadId: await opened(database.admin, 'published'),
    });
    const { title, text } = await read(verdictId);
    expect(title).toBe(`${MODEL} passed its input gate`);
    expect(text).toContain('All 8 promises of suite transactions held in a batch of 57 rows');
    expect(text).toContain('Published 09:30 UTC, 30 min ago');
    expect(text).not.toContain(PRESS);
  });

  test('a warning goes on, and names what it warns of', async () => {
    const { verdictId } = await asked(database.admin, {
      outcome: 'warn',
      broken: ['warning : row count between 100 and 20000'],
    });
    const { title, text } = await read(verdictId);
    expect(title).toBe(`${MODEL} passed its input gate with a warning`);
    expect(text).toContain('1 of 8 promises broken in a batch of 57 rows: row count between 100 and 20 000');
    expect(text).toContain('Its load goes on and is not published yet');
  });

  test('something critical that holds nothing goes on', async () => {
    const { verdictId } = await asked(database.admin, { blocks: false });
    const { title, text } = await read(verdictId);
    expect(title).toBe(`${MODEL} goes on although its input gate failed`);
    expect(text).toContain('Its suite says that the batch goes on.');
  });

  test('held: since when, what to press with commands and JSON, and who waits', async () => {
    const { verdictId } = await asked(database.admin);
    await held(database.admin, verdictId);
    const { title, text } = await read(verdictId);
    expect(title).toBe(`${MODEL} is held at its input gate`);
    expect(text).toMatch(
      /Held since 09:00 UTC, 59 min ago \. Readers see nothing of it\. \d models? waits? behind it/,
    );
    for (const verb of ['reload', 'retry', 'override', 'abandon'])
      expect(text).toContain(`npm run weir -- gate ${verb} ${verdictId} --reason`);
    expect(text).toContain(`{&quot;verdictId&quot;:&quot;${verdictId}&quot;`);
    expect(text).toContain(`npm run weir -- gate rows ${verdictId}`);
  });

  test('a decision that is being carried out is not asked for again', async () => {
    const { verdictId } = await asked(database.admin);
    await held(database.admin, verdictId);
    await decided(database.admin, verdictId, 'overrideGate');
    const { title, text } = await read(verdictId);
    expect(title).toBe(`${MODEL} was let through its input gate by override`);
    expect(text).toContain('Its load goes on and is not published yet');
    expect(text).not.toContain(PRESS);
  });

  test('a retry that came to the same is held still', async () => {
    const first = await asked(database.admin);
    await decided(database.admin, first.verdictId, 'retryGate');
    await asked(database.admin, { ...first, at: '2017-01-02T09:20:00Z' });
    await held(database.admin, first.verdictId);
    const { title, text } = await read(first.verdictId);
    expect(title).toBe(`${MODEL} is held at its input gate`);
    expect(text).toContain('retryGate by Ada');
    expect(text).toContain('retryGate Ada the till was in training mode');
  });

  test('overridden and published, by whom and why', async () => {
    const { verdictId, loadId } = await asked(database.admin);
    await decided(database.admin, verdictId, 'overrideGate');
    await publish(database.admin, loadId);
    const { text } = await read(verdictId);
    expect(text).toContain('Let through by Ada 09:10 UTC, 50 min ago : “the till was in training mode”.');
    expect(text).toContain('Published 09:30 UTC');
  });

  test('quarantined by a person, and unasked, with how many rows and what the gate said of the rest', async () => {
    const byPerson = await asked(database.admin);
    await decided(database.admin, byPerson.verdictId, 'quarantineAndContinue');
    await setAside(database.admin, byPerson, 3);
    await asked(database.admin, { outcome: 'pass', loadId: byPerson.loadId, at: '2017-01-02T09:11:00Z' });
    await publish(database.admin, byPerson.loadId);
    const { title, text } = await read(byPerson.verdictId);
    expect(title).toBe(`${MODEL} goes on without rows that its input gate found bad`);
    expect(text).toContain('3 rows were set aside by Ada');
    expect(text).toMatch(/Then the gate of stg_transactions said: pass 09:11 UTC/);
    expect(text).not.toContain('CanaryRow77');

    const unasked = await asked(database.admin, { at: '2017-01-02T09:40:00Z' });
    await setAside(database.admin, unasked, 1);
    await asked(database.admin, { outcome: 'pass', loadId: unasked.loadId, at: '2017-01-02T09:40:01Z' });
    expect((await read(unasked.verdictId)).text).toContain(
      '1 row was set aside unasked, as its suite says, and the gate was asked about the rest.',
    );
  });

  test('given up by a person', async () => {
    const { verdictId } = await asked(database.admin, { loadId: await opened(database.admin, 'abandoned') });
    await decided(database.admin, verdictId, 'abandon');
    const { title, text } = await read(verdictId);
    expect(title).toBe(`${MODEL} was given up at its input gate`);
    expect(text).toContain('Given up by Ada');
    expect(text).toContain('the next run meets its rows again');
  });

  test('loaded again by a person, and looked at again by the run because something had changed', async () => {
    const first = await asked(database.admin);
    await decided(database.admin, first.verdictId, 'reloadAndRetry');
    const second = await asked(database.admin, { at: '2017-01-02T09:15:00Z' });
    const because = 'transactions/hour of canary.person@example.com was delivered';
    await asked(database.admin, { at: '2017-01-02T09:20:00Z', outcome: 'pass', because });
    expect((await read(first.verdictId)).text).toContain('Loaded and asked again by Ada');
    const { title, text } = await read(second.verdictId);
    expect(title).toBe(`${MODEL} did not pass its input gate`);
    expect(text).toContain('The run asked again by itself: transactions/hour of [e-mail] was delivered.');
    expect(text).not.toContain('canary.person');
  });

  test('the same verdict looked at again says each time why', async () => {
    const first = await asked(database.admin);
    await asked(database.admin, {
      ...first,
      at: '2017-01-02T09:20:00Z',
      because: 'raw_transactions brought rows',
    });
    await held(database.admin, first.verdictId);
    expect((await read(first.verdictId)).text).toContain('raw_transactions brought rows');
  });

  test('expired, and over without a decision', async () => {
    const one = await asked(database.admin);
    await held(database.admin, one.verdictId, 'expired');
    const expired = await read(one.verdictId);
    expect(expired.title).toBe(`${MODEL}: nobody decided about its input gate in time`);
    expect(expired.text).not.toContain(PRESS);

    const other = await asked(database.admin, {
      loadId: await opened(database.admin, 'abandoned'),
      at: '2017-01-02T09:30:00Z',
    });
    await asked(database.admin, { run: 'hourly/2', outcome: 'pass', at: '2017-01-02T09:40:00Z' });
    expect((await read(other.verdictId)).text).toContain('It was not decided');
  });

  test('one that could not be checked says why, and offers to ask again first', async () => {
    const reason = 'parameter valid_store_ids has no rows: run dailyDimensionRefresh first';
    const { verdictId } = await asked(database.admin, { outcome: 'error', reason });
    await held(database.admin, verdictId);
    const { text } = await read(verdictId);
    expect(text).toContain(`Suite transactions could not be checked: ${reason}.`);
    expect(text.indexOf('gate retry')).toBeLessThan(text.indexOf('gate reload'));
    expect(text).not.toContain('gate quarantine');
    expect(text).not.toContain('gate rows');
  });

  test('what an earlier version held is listed with what was held back, not with what was warned of', async () => {
    const { verdictId } = await asked(database.admin, { blocks: null, broken: null, loadId: null });
    const { heldBack, wentOn } = await readNotPassed(pages.site);
    const idsOf = (runs: readonly ListedRun[]) => runs.map(({ latest }) => latest.verdictId);
    expect(idsOf(heldBack)).toContain(verdictId);
    expect(idsOf(wentOn)).not.toContain(verdictId);
  });

  test('what an earlier version judged: no blocks, no attempt, no words, no load', async () => {
    const { verdictId } = await asked(database.admin, { blocks: null, broken: null, loadId: null });
    const { title, text } = await read(verdictId);
    expect(title).toBe(`${MODEL} did not pass its input gate`);
    expect(text).toContain('Which ones an earlier version did not write down.');
    expect(text).toContain('What came of it is not known any more');
  });
});
