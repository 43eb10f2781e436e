/** What JSON can not say. */
type Special = 'undefined' | '-0' | 'NaN' | 'Infinity' | '-Infinity';

/** Where in a value something stands that JSON can not say. */
export type ExactPatch = readonly [path: readonly (string | number)[], special: Special];

const specials: Record<Special, number | undefined> = {
  undefined,
  '-0': -0,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/**
 * What JSON would lose of plain data: undefined properties, negative zero and numbers that are not finite.
 * @returns where they stand, or undefined when JSON says it all.
 */
export function patchesOf(value: unknown): ExactPatch[] | undefined {
  if (!isLossy(value)) return undefined;
  const patches: ExactPatch[] = [];
  collect(value, [], patches);
  return patches;
}

/**
 * Puts back what {@link patchesOf} found into what `JSON.parse` gave, in place.
 * @throws TypeError when a patch does not fit.
 */
export function applyPatches(root: object, patches: readonly ExactPatch[]): void {
  for (const [path, special] of patches) {
    let target: unknown = root;
    for (const key of path.slice(0, -1)) {
      if (typeof target !== 'object' || target === null || !Object.hasOwn(target, key)) throw misfit(path);
      target = (target as Record<string | number, unknown>)[key];
    }
    const last = path.at(-1);
    if (typeof target !== 'object' || target === null || last === undefined || !Object.hasOwn(specials, special)) {
      throw misfit(path);
    }
    Object.defineProperty(target, last, {
      value: specials[special],
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}

const misfit = (path: readonly (string | number)[]): TypeError =>
  new TypeError(`The patch at ${path.join('.')} does not fit.`);

function isLossy(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value) || Object.is(value, -0);
  if (typeof value !== 'object' || value === null) return value === undefined;
  if (Array.isArray(value)) return value.some(isLossy);
  for (const key in value) if (isLossy((value as Record<string, unknown>)[key])) return true;
  return false;
}

function collect(value: unknown, path: readonly (string | number)[], patches: ExactPatch[]): void {
  if (typeof value === 'object' && value !== null) {
    const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
    for (const [key, member] of entries) collect(member, [...path, key], patches);
  } else if (value === undefined) {
    patches.push([path, 'undefined']);
  } else if (typeof value === 'number' && isLossy(value)) {
    patches.push([path, (Object.is(value, -0) ? '-0' : String(value)) as Special]);
  }
}
