/**
 * Runs a TypeScript file of this repository on a machine where only Node 20 or later is installed:
 * `node infra/bootstrap.mjs <file.ts> [arguments]`. Installs the packages when they are missing or older than
 * package-lock.json, then runs the file with Node 24 from the packages.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endProcess } from './local/end-process.mjs';
import { lock } from './local/lock.mjs';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const bin = join(root, 'node_modules', '.bin');
const stampFile = join(root, 'node_modules', '.weir-installed');

class Mendable extends Error {}

function lockfileHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function installed() {
  return (
    existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockfileHash() && existsSync(nodeBinary())
  );
}

function nodeBinary() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return join(root, 'node_modules', 'node', 'bin', name);
}

/** One line that counts the seconds on a terminal; elsewhere one line every fifteen seconds. */
function progress(what) {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const tty = process.stderr.isTTY;
  const say = () => process.stderr.write(tty ? `\r${what} … ${seconds()} s` : `${what} … ${seconds()} s\n`);
  say();
  const timer = setInterval(say, tty ? 1000 : 15_000);
  return (end) => {
    clearInterval(timer);
    process.stderr.write(`${tty ? '\r' : ''}${what}: ${end} after ${seconds()} s\n`);
  };
}

function mendFor(output) {
  if (/EACCES|EPERM/.test(output)) return `make ${root} writable for this user, then run the command again`;
  if (/ENOSPC/.test(output)) return 'free some disk space (about 1 GB is needed), then run the command again';
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|network/i.test(output))
    return 'the npm registry could not be reached: check the network, or the registry and proxy in your .npmrc';
  if (/EUSAGE|in sync/.test(output))
    return 'package-lock.json does not fit package.json: run `npm install` once, and commit the package-lock.json it writes';
  if (/EINTEGRITY/.test(output))
    return 'a package is not what package-lock.json says: run `npm cache clean --force` and try again';
  return 'run `npm ci` in this folder to see it by itself';
}

/** What npm had to say, without its page on how to call it. */
function gist(output) {
  const lines = output
    .split(/^npm error (?:Usage|Clean install a project)/m)[0]
    .trim()
    .split('\n');
  const log = /^npm error A complete log.*$/m.exec(output)?.[0];
  return [
    ...lines.slice(0, 12),
    ...(lines.length > 12 ? [`(${lines.length - 12} more lines)`] : []),
    ...(log ? [log] : []),
  ].join('\n');
}

function npmCi() {
  const done = progress('Installing packages (npm ci, about 400 MB)');
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--foreground-scripts=false'];
  const child = spawn(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((accept, refuse) => {
    child.on('error', (error) => {
      done('failed');
      refuse(
        new Mendable(
          `npm could not be started (${error.code}). Install Node with npm from https://nodejs.org`,
        ),
      );
    });
    child.on('close', (code) => {
      done(code === 0 ? 'done' : 'failed');
      if (code === 0) accept();
      else
        refuse(new Mendable(`npm ci ended with ${code}.\n${gist(output)}\n\nWhat to do: ${mendFor(output)}`));
    });
  });
}

async function install() {
  if (installed()) return;
  const unlock = await lock(join(root, '.weir', 'install.lock'), {
    timeoutMs: 15 * 60_000,
    onWait: (pid) => process.stderr.write(`Waiting for process ${pid}, which is installing the packages\n`),
  });
  if (unlock === null)
    throw new Mendable(
      `Another process has been installing for 15 minutes. End it and run the command again`,
    );
  try {
    if (installed()) return;
    await npmCi();
    if (!existsSync(nodeBinary()))
      throw new Mendable(
        `The package "node" has brought no ${nodeBinary()}: its install script did not run. ` +
          'Allow install scripts (npm config delete ignore-scripts) and run the command again',
      );
    writeFileSync(stampFile, lockfileHash());
  } finally {
    unlock();
  }
}

function run(file, args) {
  const child = spawn(nodeBinary(), ['--disable-warning=ExperimentalWarning', resolve(file), ...args], {
    stdio: 'inherit',
    // What was compiled is kept: a worker's modules load in a quarter of the time, and none has to bring a TypeScript parser.
    env: {
      NODE_COMPILE_CACHE: join(root, '.weir', 'compiled'),
      ...process.env,
      PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'])
    process.on(signal, () => {
      // Ctrl-C reaches the whole group by itself: passing it on as well would look like a second one.
      if (signal === 'SIGINT' && (process.stdin.isTTY || process.stdout.isTTY)) return;
      child.kill(signal);
    });
  child.on('error', (error) => {
    process.stderr.write(
      `${nodeBinary()} could not be run: ${error.message}. Delete node_modules and try again\n`,
    );
    endProcess(1);
  });
  child.on('close', (code, signal) => {
    // A negative one is that of an error, which was told.
    if (code === null || code >= 0) endProcess(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}

async function main([file, ...args]) {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20)
    throw new Mendable(
      `Weir needs Node 20 or later to begin with; this is ${process.version}. See https://nodejs.org`,
    );
  if (file === undefined) throw new Mendable('usage: node infra/bootstrap.mjs <file.ts> [arguments]');
  await install();
  run(file, args);
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error instanceof Mendable ? error.message : error.stack}\n`);
  endProcess(1);
});
