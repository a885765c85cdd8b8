import type { Repository } from '../../activities/repository.ts';
import type { Gate } from '../../expectations/verdict.ts';
import { isPublished } from '../../models/model.ts';
import type { GateHeader, PublishedModel } from '../../models/model.ts';

/** A gate that asks a suite, as its header has it. */
export interface AskingGate {
  readonly model: PublishedModel;
  readonly gate: Gate;
  readonly header: GateHeader;
}

/** Every gate by the suite that it asks, in dependency order. */
export function gatesBySuite({
  models,
}: Pick<Repository, 'models'>): ReadonlyMap<string, readonly AskingGate[]> {
  const gates = models.filter(isPublished).flatMap((model) =>
    (['input', 'output'] as const).flatMap((gate): readonly AskingGate[] => {
      const header = model.gates[gate];
      return header === null ? [] : [{ model, gate, header }];
    }),
  );
  return Map.groupBy(gates, ({ header }) => header.suite);
}
