import { setTimeout as pause } from 'node:timers/promises';
import type { Gate } from '../../expectations/verdict.ts';
import type { PlannedModel } from '../../models/plan.ts';
import { call } from './call.ts';
import type { Counts } from './kinds.ts';
import type { Walk } from './call.ts';

/**
 * Asks a gate. What is held is reloaded until it passes, or given up, or left to expire.
 *
 * @returns what the walk does next.
 */
export async function passGate(
  walk: Walk,
  model: PlannedModel,
  gate: Gate,
  loadId: number,
): Promise<'open' | 'reload' | 'ended'> {
  const suite = model.gates[gate]?.suite;
  if (suite === undefined) return 'open';
  const verdict = await call(walk, 'gate', { loadId, model: model.name, gate, suite, run: walk.run });
  if (!verdict.blocks) return 'open';
  const { counts, failures } = walk.world;
  const why = verdict.reason ?? verdict.failed.map(({ expected }) => expected).join('; ');
  const what = `held: ${model.name} ${gate}, ${why}`;
  failures.set(what, (failures.get(what) ?? 0) + 1);
  const held = await call(walk, 'hold', {
    loadId,
    model: model.name,
    verdictId: verdict.verdictId,
    run: walk.run,
  });
  // A run that was reset to the gate of a load that has been published finds that out in publish.
  if (held.state === 'published') return 'open';
  const fate = rarest(counts);
  counts[fate] += 1;
  await pause(100 + walk.random.integer(400));
  if (fate === 'holdsReloaded') return 'reload';
  const outcome = fate === 'holdsAbandoned' ? 'abandoned' : 'expired';
  await call(walk, 'release', { loadId, model: model.name, run: walk.run, outcome });
  return 'ended';
}

/** What has become of a hold least often. */
function rarest(counts: Counts): (typeof fates)[number] {
  return fates.reduce((least, fate) => (counts[fate] < counts[least] ? fate : least));
}

const fates = ['holdsReloaded', 'holdsAbandoned', 'holdsExpired'] as const;
