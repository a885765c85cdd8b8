/**
 * Ends this process by letting it come to its end. `process.exit` can hang for ever: its main thread joins V8's workers
 * while one of them, compiling beside it, waits for a collection that only the main thread can do. The end of the event
 * loop takes V8 down in order. https://github.com/nodejs/node/issues/54918
 *
 * @param {number} code what the process exits with.
 * @param {number} [patienceMs] what is still open by then (a connection, a timer) is left behind.
 */
export function endProcess(code, patienceMs = 2_000) {
  process.exitCode = code;
  setTimeout(() => process.exit(code), patienceMs).unref();
}
