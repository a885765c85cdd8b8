import type { Payload } from '@temporalio/common';

/** A payload as JSON of its protobuf: bytes are base64. */
interface PayloadJson {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly data?: string;
}

/** What the Temporal UI sends and takes. */
export interface PayloadsJson {
  readonly payloads: readonly PayloadJson[];
}

/** Whether a body is one, as far as bytes can be made of it. */
export function isPayloads(body: unknown): body is PayloadsJson {
  const payloads = fieldOf(body, 'payloads');
  return Array.isArray(payloads) && payloads.every(isPayload);
}

function isPayload(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const [metadata = {}, data = ''] = [fieldOf(value, 'metadata'), fieldOf(value, 'data')];
  return (
    (data === null || typeof data === 'string') &&
    typeof metadata === 'object' &&
    metadata !== null &&
    Object.values(metadata).every((one) => typeof one === 'string')
  );
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Bytes from base64. */
export function payloadsFromJson({ payloads }: PayloadsJson): Payload[] {
  return payloads.map(({ metadata = {}, data }) => ({
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, bytes(text)])),
    data: bytes(data ?? ''),
  }));
}

/** Base64 from bytes. */
export function payloadsToJson(payloads: readonly Payload[]): PayloadsJson {
  return {
    payloads: payloads.map(({ metadata, data }) => ({
      metadata: Object.fromEntries(
        Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)]),
      ),
      data: base64(data ?? new Uint8Array()),
    })),
  };
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function base64(value: Uint8Array): string {
  return Buffer.from(value).toString('base64');
}
