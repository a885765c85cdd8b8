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
export function newTeller(told: Carried['told']) {
  const said = { sample: [...told.sample], watch: [...told.watch] };
  const underWay = new Set<string>();
  let last: Promise<void> = Promise.resolve();
  const tellOne = async (page: AlarmPage, name: string, done: () => void): Promise<void> => {
    try {
      await stations.page(
        page,
        `${page.state === 'raised' ? 'PAGE' : 'resolve'} ${page.alarm} ${page.subject}`,
      );
      done();
    } catch (failure) {
      log.warn('a page of the monitor was not taken', { page: name, reason: messageOf(failure) });
    } finally {
      underWay.delete(name);
    }
  };
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
        last = last.then(() => tellOne(page, name, () => said[station].push(id)));
      }
    },
    /** What needs no Postgres waits behind nothing that does. */
    tellAtOnce: (page: AlarmPage): void => {
      const name = `${page.alarm} ${page.occasion} ${page.state}`;
      underWay.add(name);
      void tellOne(page, name, () => undefined);
    },
    isBusy: (): boolean => underWay.size > 0,
    carry: (): Carried['told'] => ({ sample: [...said.sample], watch: [...said.watch] }),
  };
}
