/**
 * True of what a zod `record(string(), json())` accepts: a plain object of names and JSON. What a value may not say is a number
 * that is not finite, `undefined`, anything made by a class. A value that contains itself never ends.
 */
export function isJsonRecord(value: unknown): boolean {
  if (!isPlain(value)) return false;
  for (const name of Reflect.ownKeys(value)) {
    if (name === '__proto__' || !Object.prototype.propertyIsEnumerable.call(value, name)) continue;
    if (typeof name !== 'string' || !isJson(value[name])) return false;
  }
  return true;
}

function isJson(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    default:
      if (!Array.isArray(value)) return value === null || isJsonRecord(value);
      for (let i = 0; i < value.length; i += 1) if (!isJson(value[i])) return false;
      return true;
  }
}

/** After zod's own judgement: an object whose constructor, where it has one, is that of a realm's plain objects. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const made: unknown = value.constructor;
  if (typeof made !== 'function') return true;
  const prototype: unknown = made.prototype;
  return typeof prototype === 'object' && prototype !== null && Object.hasOwn(prototype, 'isPrototypeOf');
}
