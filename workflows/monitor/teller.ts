import { log } from '@temporalio/workflow';
import type { AlarmPage } from '../../activities/page/page-input.ts';
import { messageOf } from '../run-end.ts';
import { stations } from '../stations.ts';
import type { Carried } from './input.ts';

/** What a station of the monitor gave to tell. */
interface News {
  readonly pages: readonly AlarmPage[];
  readonly pageIds: readonly number[];
}

export type Teller = ReturnType<typeof newTeller>;

/**
 * Tells on-call beside the rounds: one page after the other, so that what explains another is told before it, and no
 * round waits for a pager or a Postgres that is away. A page that was not taken is given again by its station.
 */
export function newTeller({ told, atOnce = [] }: Carried) {
  const said = { sample: [...told.sample], watch: [...told.watch] };
  const underWay = new Set<string>();
  let last: Promise<void> = Promise.resolve();
  const own = newOwnLine();
  for (const page of atOnce) own.tell(page);
  return {
    /** Numbers of pages to say to a station that they were told. */
    told: (station: keyof typeof said): readonly number[] => [...said[station]],
    /** A station has heard of them. */
    heard: (station: keyof typeof said, ids: readonly number[]): void => {
      said[station] = said[station].filter((id) => !ids.includes(id));
    },
    tell: (station: keyof typeof said, { pages, pageIds }: News): void => {
      for (const [at, page] of pages.entries()) {
        const id = pageIds[at] ?? -1;
        const name = `${station} ${id}`;
        if (underWay.has(name) || said[station].includes(id)) continue;
        underWay.add(name);
        last = last.then(() =>
          tellOne(page, (isTaken) => {
            underWay.delete(name);
            if (isTaken) said[station].push(id);
          }),
        );
      }
    },
    /** What needs no Postgres waits behind nothing that does, only behind its like. */
    tellAtOnce: own.tell,
    isBusy: (): boolean => underWay.size > 0 || own.isBusy(),
    carry: (): Pick<Carried, 'told' | 'atOnce'> => ({
      told: { sample: [...said.sample], watch: [...said.watch] },
      ...(own.left().length === 0 ? {} : { atOnce: own.left() }),
    }),
  };
}

/** @param ended is told whether the page was taken. */
async function tellOne(page: AlarmPage, ended: (isTaken: boolean) => void): Promise<void> {
  const { state, alarm, subject, occasion } = page;
  try {
    await stations.page(page, `${state === 'raised' ? 'PAGE' : 'resolve'} ${alarm} ${subject}`);
    ended(true);
  } catch (failure) {
    const name = `${alarm} ${subject} ${occasion} ${state}`;
    log.warn('a page of the monitor was not taken', { page: name, reason: messageOf(failure) });
    ended(false);
  }
}

/** Pages of no station, which would give them again: one after the other, and kept until they are taken. */
function newOwnLine() {
  let left: readonly AlarmPage[] = [];
  let last: Promise<void> | null = null;
  const tellIt = (page: AlarmPage): Promise<void> =>
    tellOne(page, (isTaken) => {
      if (isTaken) left = left.filter((one) => one !== page);
    });
  return {
    tell: (page: AlarmPage): void => {
      left = [...left, page];
      const telling: Promise<void> = (last?.then(() => tellIt(page)) ?? tellIt(page)).then(() => {
        if (last === telling) last = null;
      });
      last = telling;
    },
    left: (): readonly AlarmPage[] => left,
    isBusy: (): boolean => last !== null,
  };
}
