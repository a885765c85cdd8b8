// To be imported first by whatever runs as a process of its own.
import { setFlagsFromString } from 'node:v8';

// Node 24 can hang for ever in process.exit: the main thread joins V8's workers while one of them, compiling baseline code
// beside it, waits for a collection that only the main thread can do. One `weir` in a hundred did so on a busy machine.
// Compiled on the main thread, that code waits for nobody. https://github.com/nodejs/node/issues/54918
setFlagsFromString('--no-concurrent-sparkplug');
