/**
 * A process that starts Weir with the models that are shipped, says `ready`, and stops it when its standard input ends.
 * It is started by `weir-ready.ts`, which times it.
 */
import { once } from 'node:events';
import { openSite } from './site.ts';

const [home = ''] = process.argv.slice(2);
const site = await openSite(home, (line) => process.stderr.write(`${line}\n`), 'shipped');
process.stdout.write('ready\n');
process.stdin.resume();
await once(process.stdin, 'end');
await site.close();
process.exit(0);
