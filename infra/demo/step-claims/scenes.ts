import { badHourName } from '../plot.ts';
import { transactionsFile } from '../hours.ts';
import type { ToldScene, World } from '../world.ts';

/** The story's bad hour. @throws Error before it was told. */
export function badScene({ notes }: World): ToldScene {
  const scene = notes.told.find(({ role }) => role === 'bad');
  if (!scene) throw new Error(`the bad hour ${badHourName} was not told yet`);
  return scene;
}

/** The hours that landed while the bad one was held. */
export function scenesDuringHold({ notes }: World): readonly ToldScene[] {
  return notes.told.filter(({ role }) => role === 'duringHold');
}

/** The hours before the bad one. */
export function scenesBefore({ notes }: World): readonly ToldScene[] {
  return notes.told.filter(({ role }) => role === 'ordinary' || role === 'malformed');
}

/** The transaction ids of hours' own baskets. */
export function transactionIds(scenes: readonly ToldScene[]): readonly string[] {
  return scenes.flatMap(({ hour }) => hour.baskets.map(transactionId));
}

/** The id in a basket's line. */
export function transactionId(line: string): string {
  const id = /"transaction_id":"([^"]*)"/.exec(line)?.[1];
  if (id === undefined) throw new Error(`a basket has no transaction_id: ${line.slice(0, 120)}…`);
  return id;
}

/** A pattern for SQL's `like` that finds a scene's file of baskets, with or without a folder before it. */
export function transactionsPattern(scene: ToldScene): string {
  return `%${transactionsFile(scene.hour).replace('transactions/', '')}`;
}

/** How many baskets hours have of their own. */
export function countBaskets(scenes: readonly ToldScene[]): number {
  return scenes.reduce((sum, { hour }) => sum + hour.baskets.length, 0);
}

/** How many movements were delivered for hours. */
export function countMovements(scenes: readonly ToldScene[]): number {
  return scenes
    .flatMap(({ deliveries }) => deliveries)
    .filter(({ file }) => file.startsWith('pos_events/'))
    .reduce((sum, { lines }) => sum + lines.length, 0);
}
