import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Notifier, NotifierType, ReceiverSetting } from '../../activities/notifiers/notifier.ts';
import type { NotifyProblem, ReceiverText, SecretName } from './routing.ts';

/** From what receivers are made, beside what the routing file says. */
export interface Making {
  readonly file: string;
  readonly types: ReadonlyMap<string, NotifierType>;
  readonly env: NodeJS.ProcessEnv;
  readonly log: ReceiverSetting['log'];
}

/** Makes one receiver, or says why that cannot be. Its secrets are read here, and nowhere else. */
export async function makeReceiver(
  receiver: ReceiverText,
  making: Making,
): Promise<Notifier | NotifyProblem> {
  const { secrets, name, line } = receiver;
  const { file, env } = making;
  const values: Record<string, string> = {};
  for (const [key, where] of Object.entries(secrets)) {
    const value = await readSecret(where, file, env);
    if (value === null) return missing(receiver, key, where, making);
    values[key] = value;
  }
  const all = Object.values(values);
  try {
    const type = making.types.get(receiver.type);
    if (type === undefined) throw new Error(`${receiver.type} is no kind of notifier`);
    return silent(type.create({ name, secrets: values, ...(await standInOf(env)), log: making.log }), all);
  } catch (error) {
    const message = error instanceof Error ? error.message : 'it cannot be made';
    const problem = `${name}: ${withoutSecrets(message, all).replace(/\.$/, '')}`;
    const where = Object.values(secrets).map((one) => ('env' in one ? one.env : one.file));
    return { file, line, problem, mend: `Mend ${where.join(' or ')}.` };
  }
}

function missing(
  { name, type, line }: ReceiverText,
  key: string,
  where: SecretName,
  { file, types }: Making,
): NotifyProblem {
  const named = 'env' in where ? `${where.env} is not set` : `${where.file} cannot be read, or is empty`;
  const what = types.get(type)?.secrets[key] ?? key;
  return { file, line, problem: `the ${key} of ${name} is missing: ${named}`, mend: `It is ${what}.` };
}

async function standInOf(env: NodeJS.ProcessEnv): Promise<Pick<ReceiverSetting, 'server' | 'ca'>> {
  const file = env['WEIR_PAGERDUTY_CA_FILE'] || null;
  return {
    server: env['WEIR_PAGERDUTY_SERVER'] || null,
    ca: file === null ? null : await readFile(file, 'utf8'),
  };
}

async function readSecret(where: SecretName, file: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  if ('env' in where) return env[where.env]?.trim() || null;
  try {
    return (await readFile(path.resolve(path.dirname(file), where.file), 'utf8')).trim() || null;
  } catch {
    return null;
  }
}

/** The notifier, whose reasons show no secret whatever it does. */
function silent(notifier: Notifier, secrets: readonly string[]): Notifier {
  return {
    ...notifier,
    send: async (event, options) => {
      const delivery = await notifier.send(event, options);
      return delivery.delivered
        ? delivery
        : { ...delivery, reason: withoutSecrets(delivery.reason, secrets) };
    },
  };
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((kept, secret) => kept.replaceAll(secret, '[secret]'), text);
}
