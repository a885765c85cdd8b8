import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { outcomeMark } from '../../parts/marks.ts';
import { notice, type NoticeKind } from '../../parts/notice.ts';
import { countText, momentText, shareText } from '../../parts/texts.ts';
import { groupedWords } from '../../parts/value-words.ts';
import {
  isBlocking,
  type Evaluation,
  type Fate,
  type FateName,
  type MadeDecision,
} from '../../read/gate-fate.ts';
import type { GateRun } from '../../read/gate-run.ts';
import type { JudgedPromise } from '../../read/judged-promises.ts';
import { modelName, neighbourLink, type AboutRun } from './about-run.ts';

/** What has become of a verdict, in two words, for a list. */
export function fateWord({ latest, fate }: Pick<GateRun, 'latest' | 'fate'>): string {
  if (fate.name === 'passed') return latest.outcome === 'fail' ? 'goes on all the same' : 'went on';
  if (fate.name === 'quarantined') return fate.decision === null ? 'set aside unasked' : 'set aside';
  return WORDS[fate.name];
}

const WORDS: Readonly<Record<Exclude<FateName, 'passed' | 'quarantined'>, string>> = {
  held: 'held now',
  underWay: 'under way',
  overridden: 'overridden',
  abandoned: 'given up',
  askedAgain: 'asked again',
  expired: 'hold expired',
  ended: 'not decided',
};

/** What the page is called: who, where, and how it stands. */
export function titleOf({ latest, fate }: Pick<GateRun, 'latest' | 'fate'>): string {
  const { model, gate, outcome } = latest;
  switch (fate.name) {
    case 'held':
      return `${model} is held at its ${gate} gate`;
    case 'overridden':
      return `${model} was let through its ${gate} gate by override`;
    case 'abandoned':
      return `${model} was given up at its ${gate} gate`;
    case 'quarantined':
      return `${model} goes on without rows that its ${gate} gate found bad`;
    case 'expired':
      return `${model}: nobody decided about its ${gate} gate in time`;
    case 'passed':
      if (outcome === 'fail') return `${model} goes on although its ${gate} gate failed`;
      return `${model} passed its ${gate} gate${outcome === 'warn' ? ' with a warning' : ''}`;
    case 'askedAgain':
    case 'ended':
    case 'underWay':
      return outcome === 'error'
        ? `The ${gate} gate of ${model} could not be checked`
        : `${model} did not pass its ${gate} gate`;
  }
}

/** What broke and how badly, in one sentence. */
export function leadOf({ site, run, promises }: AboutRun): Html {
  const { latest } = run;
  return html`${outcomeMark(latest.outcome)} ${brokenWords(latest, promises.broken)}. Asked
  ${momentText(latest.at, site.at)}.`;
}

/** How many of what broke are named before the list below has to be read. */
const NAMED = 2;

function brokenWords(latest: Evaluation, broken: readonly JudgedPromise[]): Part {
  const { outcome, reason, rows, failed, evaluated, suite } = latest;
  const batch = rows === null ? '' : ` in a batch of ${countText(rows, 'row', 'rows')}`;
  if (outcome === 'error')
    return `Suite ${suite} could not be checked${reason === null ? '' : `: ${reason.replace(/\.$/, '')}`}`;
  if (failed === 0)
    return `All ${countText(evaluated, 'promise', 'promises')} of suite ${suite} held${batch}`;
  const named = broken.slice(0, NAMED).map((one) => `${groupedWords(one.words)}${howMuch(one)}`);
  const more = failed - named.length;
  const list = [...named, ...(more > 0 && named.length > 0 ? [`${more} more`] : [])].join('; ');
  return `${failed} of ${countText(evaluated, 'promise', 'promises')} broken${batch}${list === '' ? '' : `: ${list}`}`;
}

function howMuch({ asked }: JudgedPromise): string {
  if (asked === null || asked.unexpected === null || asked.elements === null || asked.elements === 0)
    return '';
  return ` (${shareText(asked.unexpected / asked.elements)} of rows)`;
}

/** How it stands now, since when, by whom, and what that means for readers. */
export function fateNotice(about: AboutRun): Html {
  const { run } = about;
  return notice(kindOf(run), [html`<p>${fateWords(about)}</p>`, nextLine(about)]);
}

function kindOf({ fate, latest }: GateRun): NoticeKind {
  if (fate.name === 'passed') return latest.outcome === 'pass' ? 'good' : 'warn';
  if (fate.name === 'quarantined' || fate.name === 'overridden') return 'warn';
  return fate.name === 'askedAgain' ? 'plain' : 'bad';
}

function fateWords(about: AboutRun): Part {
  const { run, site } = about;
  const { fate } = run;
  const since = momentText(fate.since, site.at);
  const unseen = 'Readers see nothing of it';
  switch (fate.name) {
    case 'passed':
      return [isPassWithFailures(run) ? 'Its suite says that the batch goes on. ' : null, loadWords(about)];
    case 'held':
      return html`<strong>Held since ${since}.</strong> ${unseen}. ${waitWords(about)}`;
    case 'underWay':
      return html`It does not let the batch through; its run has not said yet what comes of it. ${unseen}.`;
    case 'overridden':
      return html`${byWhom(about, 'Let through')} ${loadWords(about)}`;
    case 'quarantined':
      return [setAsideWords(about, fate), ' ', loadWords(about)];
    case 'abandoned':
      return html`${byWhom(about, 'Given up')} Nothing of it was published; the next run meets its rows again.`;
    case 'askedAgain':
      return askedAgainWords(about);
    case 'expired':
      return html`<strong>Nobody decided in time.</strong> Held since ${since}, its run failed as GateHeld.
        ${unseen}: reset the run to the gate, or let the next one meet the rows again.`;
    case 'ended':
      return endedWords(about);
  }
}

function endedWords(about: AboutRun): Part {
  const { load } = about.run;
  if (load === null) return 'What came of it is not known any more: the ledger does not have its load.';
  if (load.state === 'published' || load.state === 'empty') return loadWords(about);
  return `It was not decided: its run expired, was cancelled or was terminated. Nothing of it was published; the next
    run meets its rows again.`;
}

function isPassWithFailures({ latest }: GateRun): boolean {
  return latest.outcome === 'fail' && !isBlocking(latest);
}

/** What came of its load. */
function loadWords({ run, site }: AboutRun): Part {
  const { load } = run;
  if (load === null) return 'The ledger does not have its load.';
  switch (load.state) {
    case 'published':
      return load.publishedAt === null
        ? 'Published.'
        : html`<strong>Published</strong> ${momentText(load.publishedAt, site.at)}.`;
    case 'empty':
      return 'There was nothing to publish.';
    case 'abandoned':
      return 'Its load was given up after that: nothing of it was published.';
    case 'open':
    case 'staged':
      return 'Its load goes on and is not published yet.';
  }
}

function waitWords({ site, run, to }: AboutRun): Part {
  const { model } = run.latest;
  const behind = site.repository.graph.downstream.get(model) ?? [];
  const ends = holdEnd(run);
  return html`${
    behind.length === 0
      ? 'Nothing depends on it.'
      : html`<a href="${to('graph', model)}">${countText(behind.length, 'model waits', 'models wait')}</a>
          behind it.`
  }${ends === null ? null : html` Decide by ${momentText(ends, site.at)}, or its run fails.`}`;
}

/** As on-call was told. */
function holdEnd({ incident }: GateRun): Date | null {
  const [text] = /^\S+Z(?=:)/.exec(incident.told?.holdEnds ?? '') ?? [];
  const end = new Date(text ?? Number.NaN);
  return Number.isNaN(end.getTime()) ? null : end;
}

function byWhom({ run, site }: AboutRun, what: string): Part {
  const { decision } = run.fate;
  if (decision === null) return `${what}.`;
  return html`<strong>${what} by ${decision.by}</strong> ${momentText(decision.at, site.at)}:
    “${decision.reason}”.`;
}

function setAsideWords(about: AboutRun, { decision, setAside }: Fate): Part {
  const rows = setAside > 0 ? countText(setAside, 'row', 'rows') : 'Rows';
  const were = `${rows} ${setAside === 1 ? 'was' : 'were'} set aside`;
  return decision === null
    ? `${were} unasked, as its suite says, and the gate was asked about the rest.`
    : html`${byWhom(about, were)} The gate was asked about the rest.`;
}

const ASKED: Readonly<Partial<Record<MadeDecision['decision'], string>>> = {
  retryGate: 'Asked again about the same rows',
  reloadAndRetry: 'Loaded and asked again',
};

function askedAgainWords(about: AboutRun): Part {
  const { fate } = about.run;
  const because = about.run.next?.lookedBecause ?? null;
  if (fate.decision !== null) return byWhom(about, ASKED[fate.decision.decision] ?? 'Asked again');
  return because === null ? 'The run asked again by itself.' : `The run asked again by itself: ${because}.`;
}

/** What the gate said when it was asked next, where this verdict is not the last word. */
function nextLine(about: AboutRun): Part {
  const { next, fate } = about.run;
  if (next === null || !['askedAgain', 'quarantined', 'abandoned', 'ended', 'expired'].includes(fate.name))
    return null;
  return html`<p>
    Then the gate of ${modelName(about, about.run.latest.model)} said: ${neighbourLink(about, next)}
  </p>`;
}
