import { SuiteRefused } from '../../expectations/suite.ts';
import type { Suite } from '../../expectations/suite.ts';
import type { Gate } from '../../expectations/verdict.ts';
import type { Graph } from '../../models/graph.ts';
import { isPublished, ModelRefused } from '../../models/model.ts';
import type { GateHeader, PublishedModel } from '../../models/model.ts';
import { readRepository } from '../repository.ts';
import type { RepositoryFolders } from '../repository.ts';

/** A gate as the files have it now: a mended one takes effect with the next look. */
export interface GatePlace {
  readonly model: PublishedModel;
  readonly header: GateHeader;
  readonly suite: Suite;
  readonly graph: Graph;
}

/** Finds a gate's suite; a sentence instead where the files have been broken since the run was planned. */
export async function findGate(
  folders: RepositoryFolders,
  { model: name, gate }: { readonly model: string; readonly gate: Gate },
): Promise<GatePlace | string> {
  try {
    const { graph, suites } = await readRepository(folders);
    const model = graph.byName.get(name);
    const header = model !== undefined && isPublished(model) ? model.gates[gate] : null;
    const suite = header === null ? undefined : suites.get(header.suite);
    if (model !== undefined && isPublished(model) && header !== null && suite !== undefined) {
      return { model, header, suite, graph };
    }
    return `no model ${name} has an ${gate} gate with a suite that exists. Restore its header or its suite, then retryGate.`;
  } catch (error) {
    if (error instanceof ModelRefused || error instanceof SuiteRefused)
      return `${error.message}\nMend the file, then retryGate.`;
    throw error;
  }
}
