/**
 * Ends this process, in its own good order, when the process that started it is gone: a killed parent passes no signal
 * on. The orphan's new parent is somebody else, which is what shows it.
 */
export function followParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, 1000).unref();
}
