import type { DomainEvent } from '../events/envelope.ts';
import { canonicalJson } from '../events/json.ts';
import { JsonWriter } from '../events/json-writer.ts';
import { sha256Hex } from './sha256.ts';

/**
 * The fingerprint of a run: SHA-256 over one hash chain per event key, keys sorted. A chain goes over the canonical JSON of
 * type, version, key, time and payload of each event; ids and traces stay outside. Events of different keys may thus come
 * in any order, those of one key may not. Constant work and, per key, constant memory for each event.
 */
export class EventDigest {
  readonly #chains = new Map<string, string>();
  readonly #writer = new JsonWriter();
  #events = 0;

  /** Takes the next event of its key. @throws ValidationError `json.unsafe` when its payload is not JSON. */
  add(event: Pick<DomainEvent, 'type' | 'version' | 'key' | 'atMs' | 'payload'>): void {
    const { type, version, key, atMs, payload } = event;
    const writer = this.#writer;
    writer.begin();
    writer.ascii(`${this.#chains.get(key) ?? ''}\n`);
    writer.value({ type, version, key, atMs, payload });
    this.#chains.set(key, sha256Hex(writer.bytes));
    this.#events += 1;
  }

  /** How many events were taken. */
  get events(): number {
    return this.#events;
  }

  /** The fingerprint so far, 64 hexadecimal digits. */
  digest(): string {
    const chains = [...this.#chains].sort(([a], [b]) => (a < b ? -1 : 1));
    return sha256Hex(canonicalJson(chains));
  }
}
