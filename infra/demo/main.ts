// `npm run demo`: everything started, the story told in front of the reader's eyes, and left up until Ctrl-C.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { startDocs } from '../docs/server.ts';
import { endProcess } from '../local/end-process.mjs';
import { preferredPort } from '../local/ports.ts';
import { startStack, type Stack } from '../local/stack.ts';
import type { StandIn } from '../pagerduty/stand-in.ts';
import { exitCode } from './claims.ts';
import { renderTally } from './claims-text.ts';
import { install, startSchedules, type Installation } from './installation.ts';
import { lookAround } from './look-around.ts';
import { createNarrator, durationText, type Narrator } from './narrate.ts';
import { readOptions, USAGE, type DemoOptions } from './options.ts';
import { createRuns } from './runs.ts';
import { sourceSystems } from './source-systems.ts';
import { claimNames } from './story-claims.ts';
import { tellStory, type Told } from './story.ts';
import { openWorld } from './world.ts';

const DOCS_PORT = 8235;
const DEFAULT_HOME = path.resolve(import.meta.dirname, '..', '..', '.weir', 'demo');

/** Everything that runs for one telling. */
interface Demo {
  readonly options: DemoOptions;
  readonly narrator: Narrator;
  readonly storyId: string;
  readonly stack: Stack;
  readonly standIn: StandIn;
  /** Where runbooks and suites are read: a server of our own, unless WEIR_REPOSITORY_URL says where. */
  readonly repositoryUrl: string;
  readonly installation: Installation;
}

/** 0: every claim held; 1: one did not; 3: the demo could not run. */
async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const narrator = createNarrator({
    output: process.stdout,
    env: process.env,
    nowMs: () => performance.now(),
  });
  const stops: (() => Promise<void>)[] = [];
  const interrupted = onInterrupt();
  try {
    return await Promise.race([interrupted.then(() => 0), tell(options, narrator, stops)]);
  } finally {
    narrator.say('stopping everything');
    for (const stop of stops.toReversed()) {
      await stop().catch((error: unknown) => narrator.say(`could not stop a part: ${messageOf(error)}`));
    }
  }
}

async function tell(
  options: DemoOptions,
  narrator: Narrator,
  stops: (() => Promise<void>)[],
): Promise<number> {
  const demo = await start(options, narrator, stops);
  const where = places(demo);
  narrator.block(where);
  const told = await story(demo, stops);
  await startSchedules(demo.installation);
  const code = conclude(demo, told);
  if (options.exit) return code;
  narrator.block(where);
  narrator.say('the schedules run now; everything stays up until Ctrl-C');
  return await new Promise<never>(() => undefined);
}

async function start(
  options: DemoOptions,
  narrator: Narrator,
  stops: (() => Promise<void>)[],
): Promise<Demo> {
  const began = performance.now();
  const home = options.home === null ? DEFAULT_HOME : path.resolve(options.home);
  const onProgress = (line: string) => narrator.say(line);
  const { PAGERDUTY_ROUTING_KEY: ownKey, ...env } = process.env;
  if (ownKey !== undefined) onProgress('PAGERDUTY_ROUTING_KEY is set, and left alone: a demo wakes nobody');
  // An earlier story's incidents are no news; the certificate beside them stays.
  await rm(path.join(home, 'pagerduty', 'events.jsonl'), { force: true });
  const stack = await startStack({ home, env, onProgress });
  stops.push(() => stack.stop());
  const standIn = stack.pagerStandIn;
  if (!standIn) throw new Error('the PagerDuty stand-in did not start');
  const repositoryUrl = await docsFor(env, stops);
  const storyId = `demo-${new Date()
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z/g, '')
    .toLowerCase()}`;
  const installation = await install(stack, {
    storyId,
    environment: storyId,
    home,
    standIn,
    repositoryUrl,
    onProgress,
  });
  stops.push(() => installation.stop());
  narrator.say(`ready after ${durationText(performance.now() - began)}`);
  return { options, narrator, storyId, stack, standIn, repositoryUrl, installation };
}

/** Where the pages' links to runbooks and suites lead. */
async function docsFor(env: NodeJS.ProcessEnv, stops: (() => Promise<void>)[]): Promise<string> {
  const given = env['WEIR_REPOSITORY_URL'];
  if (given !== undefined && given !== '') return given;
  const docs = await startDocs({ port: await preferredPort(DOCS_PORT) }).catch(() => startDocs());
  stops.push(() => docs.stop());
  return docs.url;
}

async function story(demo: Demo, stops: (() => Promise<void>)[]): Promise<Told> {
  const { options, narrator, storyId, stack, standIn, installation } = demo;
  const { adminUrl, crmAdminUrl, client, taskQueue, landingFolder, catalogueUrl } = installation;
  const world = await openWorld({ adminUrl, client, incidents: standIn, catalogueUrl });
  // At Ctrl-C the readings go first: a server that stops under one would end the process in the middle of its cleaning up.
  stops.push(() => world.close());
  try {
    return await tellStory({
      world,
      runs: createRuns(client, taskQueue),
      narrator,
      systems: sourceSystems(adminUrl, crmAdminUrl),
      landingFolder,
      environment: storyId,
      storyId,
      falsify: options.falsify,
      falsifyEach: options.falsifyEach,
      ...(options.look
        ? {
            onHeld: (workflowId: string) =>
              lookAround(narrator, {
                run: `${uiOf(stack)}/workflows/${encodeURIComponent(workflowId)}`,
                incidents: standIn.url,
                catalogue: catalogueUrl,
              }),
          }
        : {}),
    });
  } finally {
    await world.close();
  }
}

/** Says how many claims held, and, where each was falsified, whether each noticed. */
function conclude({ options, narrator }: Demo, { checked, falsified }: Told): number {
  narrator.block(renderTally(checked, claimNames, narrator.colors));
  if (!options.falsifyEach) return exitCode(checked, claimNames);
  const noticed = falsified.filter((one) => one.exitCode !== 0 && one.checked.error === null);
  narrator.say(`${noticed.length} of ${claimNames.length} claims noticed that they were made false`);
  return noticed.length === claimNames.length ? exitCode(checked, claimNames) : 1;
}

function uiOf({ temporal: { uiUrl, namespace } }: Stack): string {
  return `${uiUrl}/namespaces/${namespace}`;
}

function places({ stack, standIn, repositoryUrl, installation }: Demo): string {
  const { adminUrl, landingFolder, catalogueUrl } = installation;
  return [
    `Catalogue     ${catalogueUrl}`,
    `Temporal UI   ${uiOf(stack)}/workflows`,
    `Schedules     ${uiOf(stack)}/schedules`,
    `Monitor       ${uiOf(stack)}/workflows/freshness-monitor`,
    `Incidents     ${standIn.url}`,
    `Runbooks      ${repositoryUrl}/docs/runbooks/gate-held.md`,
    `Data          psql '${adminUrl}'`,
    `Landing       ${path.relative(process.cwd(), landingFolder)}`,
    'From a shell  npm run weir -- gate list',
  ].join('\n');
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends at once, whatever is being stopped. */
function onInterrupt(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => endProcess(130, 0));
        resolve();
      });
    }
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

main(process.argv.slice(2)).then(
  (code) => endProcess(code),
  (error: unknown) => {
    process.stderr.write(`\nThe demo could not run: ${messageOf(error)}\n`);
    endProcess(3);
  },
);
