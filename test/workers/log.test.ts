import { describe, expect, it } from 'vitest';
import { createLogger } from '../../workers/log.ts';

function logged(message: string, meta: Readonly<Record<string, unknown>>): string {
  let text = '';
  const logger = createLogger({ format: 'json', level: 'DEBUG', file: null }, (line) => (text += line));
  logger.warn(message, { ...meta });
  return text;
}

describe('a log line', () => {
  it('has no card, address or phone in it, whoever wrote it', () => {
    const line = logged('asked jo@example.com', {
      runId: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
      error: new Error('card 4111 1111 1111 1111'),
      more: { phones: ['+49 171 1234567'], rows: 12 },
    });
    expect(JSON.parse(line)).toMatchObject({
      message: 'asked [e-mail]',
      runId: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
      error: 'card [card]',
      more: { phones: ['[phone]'], rows: 12 },
    });
  });

  it('has of an error of Postgres its SQLSTATE', () => {
    const error = Object.assign(new Error('invalid input syntax for type integer: "CANARY"'), {
      code: '22P02',
      severity: 'ERROR',
    });
    const line = logged('cannot look', { error });
    expect(JSON.parse(line)).toMatchObject({ error: 'SQLSTATE 22P02' });
    expect(line).not.toContain('CANARY');
  });
});
