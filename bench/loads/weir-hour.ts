import { randomUUID } from 'node:crypto';
import { createGate } from '../../activities/gate.ts';
import { createOpen } from '../../activities/open.ts';
import { createPublish } from '../../activities/publish.ts';
import { createStage } from '../../activities/stage.ts';
import type { Gate } from '../../expectations/verdict.ts';
import type { Base } from './database.ts';
import { folders } from './database.ts';
import { asOf } from './fill.ts';

/** Seconds of one hour's load of each model. */
export interface HourSeconds {
  readonly stg: number;
  readonly fct: number;
}

interface LoadOrder {
  readonly model: string;
  /** Its gates with their suites, as its header names them. */
  readonly input: string | null;
  readonly output: string;
  /** Rows that have to be published: keys for a model that recomputes. */
  readonly rows: number;
}

/** Says how long a station took, for whoever looks for where the time goes. */
export type OnStation = (station: string, seconds: number) => void;

/**
 * Weir's hour: its own activities, called as a worker calls them and in the order of `workflows/model-load.ts`: open, the
 * input gate, stage, the output gate, publish with watermark and ledger. What Temporal adds is not in it.
 */
export async function weirHour(
  base: Base,
  rows: { readonly transactions: number; readonly keys: number },
  onStation: OnStation = () => {},
): Promise<HourSeconds> {
  const stg = { model: 'stg_transactions', input: 'transactions', output: 'stg_transactions' };
  const fct = { model: 'fct_daily_sales', input: null, output: 'fct_daily_sales' };
  return {
    stg: await load(base, { ...stg, rows: rows.transactions }, onStation),
    fct: await load(base, { ...fct, rows: rows.keys }, onStation),
  };
}

async function load({ databases }: Base, order: LoadOrder, onStation: OnStation): Promise<number> {
  const { model } = order;
  const run = { workflowId: `bench-${model}`, runId: randomUUID() };
  const { open } = createOpen({ databases, folders, isRunOpen: async () => false });
  const { stage } = createStage({ databases, folders });
  const { gate } = createGate({ databases, folders });
  const { publish } = createPublish({ databases, folders });
  let told = performance.now();
  const began = told;
  const tell = (station: string): void => {
    const now = performance.now();
    onStation(`${model} ${station}`, (now - told) / 1000);
    told = now;
  };
  const opened = await open({ model, pipeline: 'hourly', asOf, run });
  tell('open');
  if (opened.state === 'held' || opened.empty)
    throw new Error(`${model} has nothing to load: ${JSON.stringify(opened)}`);
  const { loadId } = opened;
  const check = async (which: Gate, suite: string): Promise<void> => {
    const verdict = await gate({ loadId, model, gate: which, suite, run });
    tell(`gate ${which}`);
    if (verdict.outcome !== 'pass')
      throw new Error(
        `the ${which} gate of ${model} found ${verdict.outcome} in rows that keep every promise`,
      );
  };
  if (order.input !== null) await check('input', order.input);
  const { attempt } = await stage({ loadId, run });
  tell('stage');
  await check('output', order.output);
  const published = await publish({ loadId, run, attempt });
  tell('publish');
  const took = (performance.now() - began) / 1000;
  mustHavePublished(order, published);
  return took;
}

function mustHavePublished(
  { model, rows }: LoadOrder,
  published: { readonly state: string; readonly inserted?: number; readonly updated?: number },
): void {
  const wrote = (published.inserted ?? 0) + (published.updated ?? 0);
  if (published.state === 'published' && wrote === rows) return;
  throw new Error(`${model}: ${rows} rows should have been published, not ${JSON.stringify(published)}`);
}
