import type { PageDeps } from '../page.ts';
import { gateDedupKey } from './dedup-key.ts';
import { gateFacts } from './facts.ts';
import { failedEvent } from './failed-event.ts';
import { abandonedText, heldEvent, passedEvent } from './gate-event.ts';
import { handOver } from './hand-over.ts';
import type { Failed } from './incident-row.ts';
import { pageGraph } from './lineage.ts';
import { runUrl } from './links.ts';
import type {
  GateAbandonedPage,
  GateFailedPage,
  GateHeldPage,
  GatePassedPage,
  GateWarnedPage,
} from './page-input.ts';
import { tellFailure, tellGood, tellNote } from './tell.ts';
import { warnedEvent } from './warned-event.ts';

/** A gate holds its model, or something critical failed at it and the model goes on. */
export async function tellGateBroken(
  deps: PageDeps,
  page: GateHeldPage | GateFailedPage,
): Promise<string | null> {
  const { environment, links } = deps;
  const { model, verdict, run, kind } = page;
  const dedupKey = gateDedupKey(environment, model.name, verdict.suite);
  const graph = await pageGraph(deps.folders);
  const facts = await gateFacts(deps.databases.loader, dedupKey, verdict, {
    ...graph,
    downstream: model.downstream,
  });
  const setting = { environment, links, dedupKey, facts };
  const event = kind === 'gateHeld' ? heldEvent(page, setting) : failedEvent(page, setting);
  const failed: Failed = {
    ...{ dedupKey, occasion: event.eventId, kind, model: model.name, suite: verdict.suite },
    ...{ pipeline: facts.load?.pipeline ?? null, verdictId: verdict.verdictId, loadId: verdict.loadId, run },
    ...{ firstFailedAt: facts.firstFailedAt, relation: model.name, reads: graph.reads(model.name) },
    ...{ owner: model.owner, tier: model.tier ?? null, severity: event.severity, scope: null, event },
  };
  const pressed = kind === 'gateHeld';
  return await tellFailure(deps, failed, { graph, because: null, pressed });
}

/** A gate lets its model through: its incident resolves, where one is open. */
export async function tellGatePassed(deps: PageDeps, page: GatePassedPage): Promise<string | null> {
  const { environment, links } = deps;
  const dedupKey = gateDedupKey(environment, page.model, page.suite);
  return await tellGood(deps, {
    dedupKey,
    verdictId: page.verdictId,
    event: (incident) => passedEvent(page, { environment, links, dedupKey }, incident),
  });
}

/** A gate lets its model through with a warning: nobody is woken. */
export async function tellGateWarned(deps: PageDeps, page: GateWarnedPage): Promise<string> {
  const { environment, links } = deps;
  const dedupKey = gateDedupKey(environment, page.model.name, page.verdict.suite);
  await handOver(deps, warnedEvent(page, { environment, links, dedupKey }));
  return dedupKey;
}

/** A person gave up what a gate held: the incident says so, and stays open. */
export async function tellGateAbandoned(deps: PageDeps, page: GateAbandonedPage): Promise<string | null> {
  const { environment, links } = deps;
  return await tellNote(deps, gateDedupKey(environment, page.model, page.suite), {
    eventId: `${page.verdictId}/abandoned`,
    what: abandonedText(page),
    links: [{ href: runUrl(links, page.run), text: 'Run that was abandoned' }],
  });
}
