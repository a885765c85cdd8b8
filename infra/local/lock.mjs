/**
 * A lock that is a file naming the process that holds it, so that a lock left by a killed process is known to be stale.
 * Plain JavaScript, because `infra/bootstrap.mjs` needs it before anything is installed.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync, linkSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  // One that has ended and whom nobody has asked about still has its id.
  return statOf(pid)?.[0] !== 'Z';
}

/** The fields after the command name, where the system is Linux. The name may hold spaces: count from its bracket. */
function statOf(pid) {
  if (process.platform !== 'linux') return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/**
 * When a process started, in whatever form the system says it: only good for comparing, to tell a process from a later
 * one that got the same id.
 * @param {number} pid
 * @returns {string | null}
 */
export function startedAt(pid) {
  try {
    if (process.platform === 'linux') return statOf(pid)?.[19] ?? null;
    if (process.platform === 'win32') return null;
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}

/**
 * @param {string} file
 * @returns {{ pid: number, started: string | null } | null} who holds the lock, or null where nobody alive does
 */
export function lockHolder(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  try {
    const holder = JSON.parse(text);
    if (!Number.isInteger(holder.pid) || !isAlive(holder.pid)) return null;
    const started = startedAt(holder.pid);
    return started !== null && holder.started !== null && started !== holder.started ? null : holder;
  } catch {
    return null;
  }
}

/** @param {string} file @param {string} me */
function take(file, me) {
  // Written aside and linked into place, so that nobody reads a half-written lock.
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, me);
  try {
    linkSync(aside, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** @param {string} file */
function clearStale(file) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  // Between reading and renaming another process may have cleared it and taken it: then it is given back.
  if (lockHolder(aside) !== null) {
    try {
      linkSync(aside, file);
    } catch {
      // Somebody else has it by now.
    }
  }
  rmSync(aside, { force: true });
}

/**
 * Takes the lock, waiting for a living holder until `timeoutMs` has passed.
 * @param {string} file
 * @param {{ timeoutMs: number, onWait?: (holder: number) => void }} options
 * @returns {Promise<(() => void) | null>} gives the lock back; null when the time ran out
 */
export async function lock(file, { timeoutMs, onWait }) {
  mkdirSync(dirname(file), { recursive: true });
  const me = JSON.stringify({ pid: process.pid, started: startedAt(process.pid) });
  const end = Date.now() + timeoutMs;
  let told = false;
  while (!take(file, me)) {
    const holder = lockHolder(file);
    if (holder === null) {
      clearStale(file);
      continue;
    }
    if (Date.now() >= end) return null;
    if (!told) onWait?.(holder.pid);
    told = true;
    await delay(100);
  }
  return () => rmSync(file, { force: true });
}
