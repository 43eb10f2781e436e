import fc from 'fast-check';

/** What has passed for a price, a time or a name at a venue once, and the edges of what may. */
const oddities: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MIN_VALUE,
  Number.MAX_VALUE,
  Number.MAX_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER + 1,
  Number.MIN_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER - 1,
  1n,
  Symbol('x'),
  '',
  '@',
  'BTC-PERP',
  'a@b@c',
  '\n@\u2028',
  '\ud800@',
  'buy',
  'BUY',
  '1m',
  '1M',
  '1',
  '-0',
  '00',
  '0.1',
  '1.',
  '.5',
  '1e5',
  '1\n',
  ' 1',
  '9'.repeat(30),
  '9'.repeat(31),
  'a'.repeat(32),
  'A'.repeat(32),
  `${'a'.repeat(32)}\n`,
  'cross',
  'post-only',
  [],
  [1, 2],
  [[1, 2]],
  [[1, 2, 3]],
  [[1]],
  {},
  new Date(0),
  new Number(1),
  new String('a@b'),
  new Boolean(true),
  () => 1,
];

const odd: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.constantFrom(...oddities), weight: 6 },
  { arbitrary: fc.double(), weight: 2 },
  { arbitrary: fc.maxSafeInteger(), weight: 2 },
  { arbitrary: fc.string(), weight: 1 },
  { arbitrary: fc.anything(), weight: 2 },
);

type Place = readonly (string | number)[];

interface Damage {
  readonly kind: 'replace' | 'remove' | 'add' | 'append' | 'inherit' | 'as-array' | 'without-prototype' | 'as-class';
  readonly place: number;
  readonly value: unknown;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.oneof(
    { arbitrary: fc.constant('replace' as const), weight: 6 },
    {
      arbitrary: fc.constantFrom(
        ...(['remove', 'add', 'append', 'inherit', 'as-array', 'without-prototype', 'as-class'] as const),
      ),
      weight: 4,
    },
  ),
  place: fc.nat(),
  value: odd,
});

/** A valid value with up to three things done to it, anywhere in it; now and then something else altogether. */
export function mutated(valid: unknown): fc.Arbitrary<unknown> {
  return fc.oneof(
    { arbitrary: fc.array(damage, { maxLength: 3 }).map((damages) => damages.reduce(apply, valid)), weight: 12 },
    { arbitrary: odd, weight: 1 },
  );
}

function apply(value: unknown, { kind, place, value: other }: Damage): unknown {
  const places = placesIn(value);
  return change(value, places[place % places.length] ?? [], (at) => {
    if (kind === 'replace' || kind === 'remove') return kind === 'replace' ? { with: other } : 'nothing';
    return { with: changed(at, kind, other) };
  });
}

function changed(at: unknown, kind: Damage['kind'], other: unknown): unknown {
  if (Array.isArray(at)) return kind === 'append' ? [...at, other] : at;
  if (!isPlain(at)) return at;
  if (kind === 'add') return { ...at, extra: other };
  if (kind === 'inherit') return Object.create(at);
  if (kind === 'as-array') return Object.assign([], at);
  if (kind === 'without-prototype') return Object.assign(Object.create(null), at);
  return kind === 'as-class' ? Object.assign(new (class Message {})(), at) : at;
}

/** The value with what stands at a place changed, or taken away. */
function change(value: unknown, place: Place, how: (at: unknown) => { readonly with: unknown } | 'nothing'): unknown {
  const [key, ...rest] = place;
  if (key === undefined) {
    const outcome = how(value);
    return outcome === 'nothing' ? undefined : outcome.with;
  }
  const inner = (value as Record<string | number, unknown>)[key];
  const outcome = rest.length === 0 ? how(inner) : { with: change(inner, rest, how) };
  if (Array.isArray(value)) {
    return outcome === 'nothing'
      ? value.filter((_, index) => index !== key)
      : value.map((each, index) => (index === key ? outcome.with : each));
  }
  const others = Object.entries(value as object).filter(([name]) => name !== key);
  return Object.fromEntries(outcome === 'nothing' ? others : [...others, [key, outcome.with]]);
}

/** Every place in a value: itself, its fields and elements, theirs. */
function placesIn(value: unknown, at: Place = []): Place[] {
  if (Array.isArray(value)) return [at, ...value.flatMap((each, index) => placesIn(each, [...at, index]))];
  if (!isPlain(value)) return [at];
  return [at, ...Object.entries(value).flatMap(([key, each]) => placesIn(each, [...at, key]))];
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
