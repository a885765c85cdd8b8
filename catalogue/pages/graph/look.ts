import { html } from '../../html.ts';
import type { Html } from '../../html.ts';
import { drawGraph } from '../../drawing/draw-graph.ts';
import type { NodeLook } from '../../drawing/node-words.ts';
import { layOut } from '../../drawing/lay-out.ts';
import type { ShownGraph } from '../../drawing/shown-graph.ts';
import { figure } from '../../parts/figure.ts';
import { readModelStates, type ModelStanding } from '../../read/model-states.ts';
import { whoWaitsBehind } from '../../read/waiting-behind.ts';
import { readModelSummaries, type LastVerdict } from '../../read/model-summaries.ts';
import type { Site, To } from '../../site.ts';
import { verdictLinks } from '../../verdict-links.ts';
import { legend } from './legend.ts';

/** What the pages of the graph are written from. */
export interface GraphLook {
  readonly site: Site;
  readonly to: To;
  readonly states: ReadonlyMap<string, ModelStanding>;
  readonly verdicts: ReadonlyMap<string, readonly LastVerdict[]>;
  /** Who waits behind each held model, in the graph's order. */
  readonly behind: ReadonlyMap<string, readonly string[]>;
}

type Told = Pick<GraphLook, 'states' | 'verdicts' | 'behind'>;

const told = new WeakMap<Site, Promise<Told>>();

/** Looks once, whatever the number of drawings. */
export async function lookAt(site: Site, to: To): Promise<GraphLook> {
  const known = told.get(site) ?? tell(site);
  told.set(site, known);
  return { site, to, ...(await known) };
}

async function tell(site: Site): Promise<Told> {
  const names = site.repository.models.map(({ name }) => name);
  const states = await readModelStates(site);
  const { verdicts } = await readModelSummaries(site, names);
  const held = names.filter((name) => states.get(name)?.state === 'held');
  return {
    states,
    verdicts,
    behind: new Map(held.map((name) => [name, whoWaitsBehind(states, name)])),
  };
}

/** How a node stands, waiting models counted. */
export function nodeLook({ states, behind }: Told, name: string): NodeLook {
  const standing = states.get(name);
  return {
    state: standing?.state ?? 'never',
    since: standing?.since ?? null,
    why: standing?.why ?? 'nothing is known of it',
    waitingBehind: standing?.waitingBehind ?? [],
    ageSeconds: standing?.ageSeconds ?? null,
    waiting: behind.get(name)?.length ?? 0,
  };
}

/** A drawing with its legend. @param here the model that it is about: its node leads to its own page. */
export async function drawing(
  look: GraphLook,
  shown: ShownGraph,
  title: string,
  here?: string,
): Promise<Html> {
  const { site, to, verdicts } = look;
  const linkOf = verdictLinks(site, to);
  const svg = drawGraph(await layOut(shown), {
    title,
    now: site.at,
    ...(here === undefined ? {} : { here }),
    look: (name) => nodeLook(look, name),
    href: (name) => to(name === here ? 'models' : 'graph', name),
    gate: (name, gate) => {
      const last = verdicts.get(name)?.find((one) => one.gate === gate);
      return last === undefined
        ? null
        : { outcome: last.outcome, suite: last.suite, href: linkOf(last.verdictId) };
    },
  });
  return html`<div class="graph-drawing">${figure({ title, drawing: svg })}${legend()}</div>`;
}
