import { deliveriesOf, mendedHour, type Delivery, type Hour } from './hours.ts';
import { stockCounts } from './stock.ts';
import { malformHour, spoilHour, type Malformed, type SpoiledHour } from './trouble.ts';

/** What an hour is for in the story. */
export type Role = 'ordinary' | 'malformed' | 'bad' | 'duringHold' | 'afterwards';

/** An ordinary afternoon hour, with two lines that are no records. */
export const malformedHourName = '2017-01-06T14';

/** The second day's afternoon: held by its gate. */
export const badHourName = '2017-01-07T15';

/** Hours that land and run while the bad one is held. */
const hoursDuringHold = ['2017-01-07T16', '2017-01-07T17'] as const;

/** The as-of times of the daily refreshes: before the first hour, and after the last. */
export const firstRefresh = '2017-01-06T00:00:00.000Z';
export const nextRefresh = '2017-01-08T00:00:00.000Z';

/** The store that is rebuilt between the two, and what it is afterwards. It was an EXPRESS. */
export const rebuiltStore = { storeId: 'STORE_00012', was: 'EXPRESS', is: 'NEIGHBORHOOD' } as const;

/** An hour of the story: what the source has, and what it delivers. */
export interface Scene {
  readonly hour: Hour;
  readonly role: Role;
  readonly deliveries: readonly Delivery[];
}

/** The story's hours in order, trouble included. */
export function plotStory(hours: readonly Hour[]): readonly Scene[] {
  const counts = stockCounts(hours);
  return hours.map((hour) => {
    const role = roleOf(hour.name);
    const counted = counts.get(hour.name);
    return { hour, role, deliveries: [...toldDeliveries(hour, role), ...(counted ? [counted] : [])] };
  });
}

function toldDeliveries(hour: Hour, role: Role): readonly Delivery[] {
  if (role === 'malformed') return deliveriesOf(hour, malformHour(hour.baskets).lines);
  if (role === 'bad') return deliveriesOf(hour, spoilHour(hour.baskets).lines);
  return deliveriesOf(hour);
}

function roleOf(name: string): Role {
  if (name === malformedHourName) return 'malformed';
  if (name === badHourName) return 'bad';
  if (hoursDuringHold.some((during) => during === name)) return 'duringHold';
  return name > badHourName ? 'afterwards' : 'ordinary';
}

/** The lines that are no records in a scene's baskets. */
export function malformedLines({ hour, role }: Pick<Scene, 'hour' | 'role'>): readonly Malformed[] {
  return role === 'malformed' ? malformHour(hour.baskets).malformed : [];
}

/** What the bad hour's gate must name. */
export function spoiledHour({ hour }: Pick<Scene, 'hour'>): SpoiledHour {
  return spoilHour(hour.baskets);
}

/** The bad hour's file as the source delivers it again, under the same name. */
export function redelivery({ hour }: Pick<Scene, 'hour'>): Delivery {
  return mendedHour(hour);
}
