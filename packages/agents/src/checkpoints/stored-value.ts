import type { SerializerProtocol } from '@langchain/langgraph-checkpoint';
import type { StoredValue } from './checkpoint-tables.ts';

const bytesType = 'bytes';
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A value as text that both databases keep alike. */
export async function storeValue(serde: SerializerProtocol, value: unknown): Promise<StoredValue> {
  const [type, bytes] = await serde.dumpsTyped(value);
  return { type, value: type === bytesType ? Buffer.from(bytes).toString('base64') : decoder.decode(bytes) };
}

/** The value that was stored. */
export function loadValue(serde: SerializerProtocol, { type, value }: StoredValue): Promise<unknown> {
  return serde.loadsTyped(
    type,
    type === bytesType ? new Uint8Array(Buffer.from(value, 'base64')) : encoder.encode(value),
  );
}
