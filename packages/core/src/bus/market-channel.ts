import type { MarketListener } from './market-listener.ts';

/** What a channel holds of a key. */
class Slot<Payload> {
  latest: Payload | undefined;
  listeners: readonly MarketListener<Payload>[];
  /** Set while the listeners are being called: what they publish of the same key then comes after, for all of them. */
  publishing = false;
  next: Payload[] = [];

  constructor(listeners: readonly MarketListener<Payload>[]) {
    this.listeners = listeners;
  }
}

/** The events of one type: who listens to which key, and the newest of each. */
export class MarketChannel<Payload> {
  readonly delivery: 'state' | 'stream';
  published = 0;
  #listeners: readonly MarketListener<Payload>[] = [];
  readonly #slots = new Map<string, Slot<Payload>>();
  readonly #isState: boolean;

  constructor(delivery: 'state' | 'stream') {
    this.delivery = delivery;
    this.#isState = delivery === 'state';
  }

  get listeners(): readonly MarketListener<Payload>[] {
    return this.#listeners;
  }

  latest(key: string): Payload | undefined {
    return this.#slots.get(key)?.latest;
  }

  /** The promise, if any, resolves when the stream's slow listeners have room. */
  publish(key: string, payload: Payload): void | Promise<void> {
    this.published += 1;
    const slot = this.#slots.get(key) ?? this.#open(key);
    if (slot.publishing) {
      slot.next.push(payload);
      return;
    }
    if (this.#isState) slot.latest = payload;
    slot.publishing = true;
    const { listeners } = slot;
    let full = false;
    for (let i = 0; i < listeners.length; i += 1) full = listeners[i]?.deliver(payload, key) || full;
    slot.publishing = false;
    const after = slot.next.length > 0 ? this.#publishNext(slot, key) : undefined;
    if (full) return Promise.all(listeners.map((listener) => listener.hasRoom())).then(() => {});
    return after;
  }

  add(listener: MarketListener<Payload>): void {
    this.#setListeners([...this.#listeners, listener]);
  }

  /** False when it was not there. */
  remove(listener: MarketListener<Payload>): boolean {
    if (!this.#listeners.includes(listener)) return false;
    this.#setListeners(this.#listeners.filter((other) => other !== listener));
    return true;
  }

  #publishNext(slot: Slot<Payload>, key: string): void | Promise<void> {
    const payloads = slot.next;
    slot.next = [];
    this.published -= payloads.length;
    return payloads.map((payload) => this.publish(key, payload)).findLast((room) => room !== undefined);
  }

  #open(key: string): Slot<Payload> {
    const slot = new Slot<Payload>(this.#of(key));
    this.#slots.set(key, slot);
    return slot;
  }

  #of(key: string): readonly MarketListener<Payload>[] {
    return this.#listeners.filter((listener) => listener.key === undefined || listener.key === key);
  }

  #setListeners(listeners: readonly MarketListener<Payload>[]): void {
    this.#listeners = listeners;
    for (const [key, slot] of this.#slots) slot.listeners = this.#of(key);
  }
}
