import { cutText } from '../notifiers/cut.ts';
import type { Json, PageEvent } from '../notifiers/notifier.ts';
import type { GateFailedPage } from './page-input.ts';
import type { GateFacts } from './facts.ts';
import { runbookAt, SUMMARY_LENGTH, triggerEvent, type PageSetting } from './gate-event.ts';
import {
  brokenPromises,
  describe,
  describeInterval,
  loudestFirst,
  rowsText,
  whichGate,
  whichRows,
} from './promise-words.ts';
import { ownerDetails, beforeDetails, hurtDetails } from './surroundings.ts';

/** The event of something critical that holds nothing: on-call is told, the data goes on as the suite says. */
export function failedEvent(
  page: GateFailedPage,
  setting: PageSetting & { readonly facts: GateFacts },
): PageEvent {
  const { verdict, model, quarantined } = page;
  const runbook = runbookAt(model, 'the-page-says-goes-on');
  return triggerEvent(page, setting, {
    occasion: 'failed',
    runbook,
    summary: cutText(`${model.name} ${dataWords(quarantined)}: ${brokenPromises(verdict)}`, SUMMARY_LENGTH),
    details: failedDetails(page, setting.facts, runbook),
  });
}

function dataWords(quarantined: number): string {
  if (quarantined === 0) return 'goes on as it is';
  return `goes on without ${rowsText(quarantined)}, which ${quarantined === 1 ? 'is' : 'are'} in quarantine`;
}

function whatToPress(model: string, quarantined: number): Json {
  const next = 'nothing: the next load that passes resolves this incident by itself';
  const aside = {
    when: 'rows that went aside can be mended here',
    press: 'release them, mended; they arrive again with the next load',
    command: `npm run weir -- quarantine list --model ${model}`,
  };
  return [{ when: 'the source was mended', press: next }, ...(quarantined > 0 ? [aside] : [])];
}

function failedDetails(page: GateFailedPage, facts: GateFacts, runbook: string): PageEvent['details'] {
  const { verdict, model, quarantined } = page;
  return {
    what_happens: `the batch ${dataWords(quarantined)}, as on_failure says; nothing waits for you`,
    ...hurtDetails(facts, new Date()),
    reads_it: model.downstream.length > 0 ? model.downstream : 'nothing depends on it',
    ...ownerDetails(model.owner, model.tier ?? null),
    what_broke: loudestFirst(verdict.failed).map(describe),
    ...whichRows(verdict),
    what_to_press: whatToPress(model.name, quarantined),
    ...beforeDetails(facts),
    data_interval: describeInterval(facts),
    as_of: verdict.asOf,
    runbook,
    ...whichGate(page),
  };
}
