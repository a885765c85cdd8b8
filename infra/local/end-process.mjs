/**
 * Ends this process by letting it come to its end. `process.exit` can hang for ever: its main thread joins V8's workers
 * while one of them, compiling beside it, waits for a collection that only the main thread can do. The end of the event
 * loop takes V8 down in order. https://github.com/nodejs/node/issues/54918
 *
 * @param {number} code what the process exits with.
 * @param {number} [patienceMs] what is open for so long after all was written (a connection, a timer) is left behind. With
 *   0 nothing is waited for, a reader neither.
 */
export function endProcess(code, patienceMs = 2_000) {
  process.exitCode = code;
  const letGo = () => setTimeout(() => leaveBehind(code), patienceMs).unref();
  if (patienceMs === 0) letGo();
  else process.stdout.write('', () => process.stderr.write('', letGo));
}

/** A shell takes the place of this process: it ends with the code, and V8 is never asked to. Windows has no such thing. */
function leaveBehind(code) {
  if (process.platform === 'win32' || process.execve === undefined) process.exit(code);
  process.emit('exit', code);
  process.execve('/bin/sh', ['sh', '-c', `exit ${Number(code)}`]);
}
