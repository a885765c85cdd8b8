/**
 * What a shell that asks a gate has to start: the gate's code, the models and suites, and a connection. Says when it is
 * ready, as the peers do. Its arguments: the database's URL, the models' folder, the suites' folder.
 */
import { sql } from 'kysely';
import { createGate } from '../../activities/gate.ts';
import { readRepository } from '../../activities/repository.ts';
import { openDatabases } from '../../workers/databases.ts';

const [adminUrl = '', modelsFolder = '', suitesFolder = ''] = process.argv.slice(2);
const folders = { modelsFolder, suitesFolder };
const databases = openDatabases(adminUrl, 'weir bench start-up', 2);
await Promise.all([readRepository(folders), sql`select`.execute(databases.validator)]);
createGate({ databases, folders });
process.stdout.write('ready\n');
await databases.close();
