// `npm run demo`: everything started, the story told in front of the reader's eyes, and left up until Ctrl-C.
import { once } from 'node:events';
import path from 'node:path';
import { startStack } from '../local/stack.ts';
import { renderTally } from './claims-text.ts';
import { install, startSchedules, type Installation } from './installation.ts';
import { createNarrator, durationText } from './narrate.ts';
import { readOptions, USAGE, type DemoOptions } from './options.ts';
import { createRuns } from './runs.ts';
import { tellStory, type Told } from './story.ts';
import { openWorld } from './world.ts';

const HOME = path.resolve(import.meta.dirname, '..', '..', '.weir', 'demo');

/** 0: every claim held; 1: one did not; 3: the demo could not run. */
async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const began = performance.now();
  const narrator = createNarrator({ output: process.stdout, env: process.env });
  const stops: (() => Promise<void>)[] = [];
  const interrupted = onInterrupt();
  try {
    return await Promise.race([interrupted.then(() => 130), tell()]);
  } finally {
    narrator.say('stopping everything');
    for (const stop of stops.reverse()) await stop().catch((error: unknown) => narrator.say(`could not stop a part: ${messageOf(error)}`));
  }

  async function tell(): Promise<number> {
    const onProgress = (line: string) => narrator.say(line);
    const { PAGERDUTY_ROUTING_KEY: ownKey, ...env } = process.env;
    if (ownKey !== undefined) onProgress('PAGERDUTY_ROUTING_KEY is set, and left alone: a demo wakes nobody');
    const stack = await startStack({ home: HOME, env, onProgress });
    stops.push(() => stack.stop());
    const storyId = `demo-${new Date().toISOString().replaceAll(/[-:]|\.\d+Z/g, '').toLowerCase()}`;
    const installation = await install(stack, { storyId, environment: storyId, home: HOME, onProgress });
    stops.push(() => installation.stop());
    narrator.say(`ready after ${durationText(performance.now() - began)}`);
    const where = places(stack.temporal, stack.pagerStandIn?.url ?? '', installation);
    narrator.block(where);
    const told = await story(installation, options);
    await startSchedules(installation);
    const code = verdict(told);
    if (options.exit) return code;
    narrator.block(where);
    narrator.say('the schedules run now; everything stays up until Ctrl-C');
    await new Promise(() => undefined);
    return code;

    async function story(installed: Installation, { falsify, falsifyEach, look }: DemoOptions): Promise<Told> {
      const standIn = stack.pagerStandIn;
      if (!standIn) throw new Error('the stand-in did not start');
      const world = await openWorld({ adminUrl: installed.adminUrl, client: installed.client, incidents: standIn });
      try {
        return await tellStory({
          world,
          runs: createRuns(installed.client, installed.taskQueue),
          narrator,
          landingFolder: installed.landingFolder,
          environment: storyId,
          storyId,
          falsify,
          falsifyEach,
          ...(look ? { onHeld: (workflowId: string) => lookAround(runUrl(stack.temporal, workflowId)) } : {}),
        });
      } finally {
        await world.close();
      }
    }
  }

  function verdict({ checked, falsified }: Told): number {
    const unnoticed = falsified.filter(({ noticed }) => !noticed).map(({ name }) => name);
    narrator.block(renderTally(checked, unnoticed, narrator.colors));
    return checked.every(({ held }) => held) && unnoticed.length === 0 ? 0 : 1;
  }

  async function lookAround(url: string): Promise<void> {
    narrator.say(`held now: ${url}`);
    narrator.say('look around; press Enter and the story goes on');
    process.stdin.resume();
    await once(process.stdin, 'data');
    process.stdin.pause();
  }
}

function runUrl({ uiUrl, namespace }: { readonly uiUrl: string; readonly namespace: string }, workflowId: string): string {
  return `${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
}

function places(temporal: { readonly uiUrl: string; readonly namespace: string }, incidents: string, { adminUrl, landingFolder }: Installation): string {
  return [
    `Temporal UI   ${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows`,
    `Schedules     ${temporal.uiUrl}/namespaces/${temporal.namespace}/schedules`,
    `Incidents     ${incidents}`,
    `Data          psql '${adminUrl}'`,
    `Landing       ${path.relative(process.cwd(), landingFolder)}`,
    `From a shell  npm run weir -- gate list`,
  ].join('\n');
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends at once, whatever is being stopped. */
function onInterrupt(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        resolve();
      });
    }
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code === 130 ? 0 : code),
  (error: unknown) => {
    process.stderr.write(`\nThe demo could not run: ${messageOf(error)}\n`);
    process.exit(3);
  },
);
