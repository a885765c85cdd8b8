import { readdirSync, readFileSync } from 'node:fs';

/** A process as `/proc` shows it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
}

/**
 * Megabytes of PSS of a process, or null where it has gone: what is shared is divided by those who share it, so that sums count it once.
 *
 * @see https://docs.kernel.org/filesystems/proc.html
 */
export function pssMegabytes(rollup: string): number | null {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}

/** A process and everything below it. */
export function treeOf(root: number, processes: readonly ProcessEntry[]): readonly number[] {
  const below = processes.filter(({ parent }) => parent === root);
  return [root, ...below.flatMap(({ pid }) => treeOf(pid, processes))];
}

/** All processes there are now. Linux only. */
export function readProcesses(): readonly ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const status = read(`/proc/${name}/status`);
      const parent = /^PPid:\s+(\d+)$/m.exec(status ?? '')?.[1];
      return parent === undefined ? [] : [{ pid: Number(name), parent: Number(parent) }];
    });
}

/** Megabytes of PSS of some processes. */
export function pssOf(pids: readonly number[]): number {
  const each = pids.map((pid) => pssMegabytes(read(`/proc/${pid}/smaps_rollup`) ?? '') ?? 0);
  return each.reduce((sum, one) => sum + one, 0);
}

/** Null where the process has gone meanwhile. */
function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
