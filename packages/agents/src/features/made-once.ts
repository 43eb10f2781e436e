interface Made<Value> {
  readonly parts: readonly unknown[];
  readonly value: Value;
}

/**
 * Makes a value of parts once for as long as the parts are the very same. Parts that are replaced when they change, never changed
 * in place, tell by themselves that the value is not stale, however much came within one instant of the clock. Holds the last value of
 * each key, for as long as the key's owner lives: a weak map of the parts themselves would cost more than most of what is made.
 */
export class MadeOnce<Value> {
  readonly #made = new WeakMap<object, Map<string, Made<Value>>>();

  /** What `make` makes of the parts, and of nothing else. */
  of(owner: object, key: string, parts: readonly unknown[], make: () => Value): Value {
    const ofOwner = this.#made.get(owner) ?? new Map<string, Made<Value>>();
    const known = ofOwner.get(key);
    if (known !== undefined && areSame(known.parts, parts)) return known.value;
    const value = make();
    if (ofOwner.size === 0) this.#made.set(owner, ofOwner);
    ofOwner.set(key, { parts, value });
    return value;
  }
}

function areSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i += 1) if (some[i] !== others[i]) return false;
  return true;
}
