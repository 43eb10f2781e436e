import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { candleSchema } from '../domain/candle.ts';
import { instrumentIdSchema } from '../domain/instrument.ts';
import {
  bookDeltaSchema,
  fundingRateSchema,
  liquidationSchema,
  openInterestSchema,
  orderBookSchema,
  tickerSchema,
  tradeSchema,
} from '../domain/market-data.ts';
import { opinionSchema } from '../domain/opinion.ts';
import { orderIntentSchema } from '../domain/order.ts';
import { exampleOrderIntent } from '../testing/example-order-intent.ts';
import * as checks from './checks.ts';
import { checkedSchemas } from './generator/checked-schemas.ts';
import { generateChecks } from './generator/generate-checks.ts';
import { mutated } from './testing/mutated.ts';
import { whyRefused } from './why-refused.ts';

const instrumentId = 'BTC-PERP@hyperliquid';
const moments = { exchangeAtMs: 1_753_056_000_000, receivedAtMs: 1_753_056_000_120 };
const sides = { bids: [[99.5, 2] as const, [99, 0] as const], asks: [[100.5, 1.25] as const] };

const opinion = {
  id: 'opinion:vanta:BTC-PERP:900000',
  agent: 'vanta',
  market: 'BTC-PERP',
  instrumentId,
  timeframe: '15m',
  atMs: 900_000,
  refreshMs: 900_000,
  direction: 'long',
  score: 42.5,
  confidence: 0.7,
  completeness: 1,
  source: 'rules',
  ruled: { direction: 'short', score: -20, confidence: 0.5 },
  regime: 'trending',
  keyLevels: [{ kind: 'support', price: 59_000, strength: 0.4 }],
  evidence: [{ feature: 'trend.bias', value: -0.25 }],
  reasoning: 'It rises.',
  details: { components: { trend: 1, volume: null }, catalysts: [{ name: 'CPI', atMs: 1 }, 'none'], withheld: false },
};
const { regime: _, ruled: __, ...unnamed } = opinion;
const bare = { keyLevels: [], evidence: [], reasoning: 'x'.repeat(2000), details: {} };

const cases: readonly {
  readonly name: string;
  readonly check: (value: unknown) => boolean;
  readonly schema: z.ZodType;
  readonly valid: readonly unknown[];
}[] = [
  {
    name: 'isInstrumentId',
    check: checks.isInstrumentId,
    schema: instrumentIdSchema,
    valid: [instrumentId, '@', 'a@b@c'],
  },
  {
    name: 'isTrade',
    check: checks.isTrade,
    schema: tradeSchema,
    valid: [{ instrumentId, id: '7', side: 'buy', price: 100.5, size: 0.25, ...moments }],
  },
  {
    name: 'isCandle',
    check: checks.isCandle,
    schema: candleSchema,
    valid: [{ instrumentId, timeframe: '5m', openAtMs: 300_000, open: 1, high: 2, low: 0.5, close: 1.5, volume: 0 }],
  },
  {
    name: 'isTicker',
    check: checks.isTicker,
    schema: tickerSchema,
    valid: [
      { instrumentId, last: 100, mark: 100.1, bid: 99.9, ask: 100.2, ...moments },
      { instrumentId, last: 100, mark: 100.1, index: 100.3, bid: 99.9, ask: 100.2, ...moments },
    ],
  },
  {
    name: 'isOrderBookSnapshot',
    check: checks.isOrderBookSnapshot,
    schema: orderBookSchema,
    valid: [
      { instrumentId, ...sides, ...moments },
      { instrumentId, bids: [], asks: [], sequence: 4, ...moments },
    ],
  },
  {
    name: 'isBookDelta',
    check: checks.isBookDelta,
    schema: bookDeltaSchema,
    valid: [
      { instrumentId, ...sides, sequence: 4, ...moments },
      { instrumentId, bids: [], asks: [], sequence: 4, firstSequence: 2, previousSequence: 1, ...moments },
    ],
  },
  {
    name: 'isFundingRate',
    check: checks.isFundingRate,
    schema: fundingRateSchema,
    valid: [
      { instrumentId, rate: -0.0001, intervalMs: 3_600_000, settlesAtMs: 7_200_000, predicted: false, ...moments },
    ],
  },
  {
    name: 'isOpenInterest',
    check: checks.isOpenInterest,
    schema: openInterestSchema,
    valid: [{ instrumentId, size: 12.5, notionalUsd: 1250, ...moments }],
  },
  {
    name: 'isLiquidation',
    check: checks.isLiquidation,
    schema: liquidationSchema,
    valid: [{ instrumentId, side: 'sell', price: 100.5, size: 0.25, ...moments }],
  },
  {
    name: 'isOrderIntent',
    check: checks.isOrderIntent,
    schema: orderIntentSchema,
    valid: [
      exampleOrderIntent(),
      {
        ...exampleOrderIntent(),
        type: 'stop-market',
        price: '61250.5',
        triggerPrice: '61000',
        stopLoss: '60500.25',
        leverage: 3,
        marginMode: 'isolated',
        traceId: 't',
        tradeId: 'd',
        signalId: 's',
      },
    ],
  },
  { name: 'isOpinion', check: checks.isOpinion, schema: opinionSchema, valid: [opinion, { ...unnamed, ...bare }] },
];

describe('the generated checks', () => {
  it.each(cases)('default: $name accepts what its schema accepts', ({ check, schema, valid }) => {
    for (const value of valid) {
      expect(schema.safeParse(value).success).toBe(true);
      expect(check(value)).toBe(true);
    }
  });

  it.each(cases)(
    'behavior: $name says of any value, however it was damaged, what its schema says',
    ({ check, schema, valid }) => {
      let accepted = 0;
      let refused = 0;
      fc.assert(
        fc.property(fc.constantFrom(...valid).chain(mutated), (value) => {
          const { success } = schema.safeParse(value);
          if (success) accepted += 1;
          else refused += 1;
          expect(check(value)).toBe(success);
        }),
        { numRuns: 2500 },
      );
      expect(Math.min(accepted, refused)).toBeGreaterThan(200);
    },
  );

  it('behavior: each generated check is among those compared here', () => {
    expect(Object.keys(checks).sort()).toEqual(cases.map(({ name }) => name).sort());
  });

  it('behavior: the committed file is what the schemas generate; else run generator/write-checks.ts', () => {
    const committed = readFileSync(new URL('./checks.ts', import.meta.url), 'utf8');
    // The formatter breaks lines and leaves a comma after the last of a list.
    const statements = (text: string): string[] => text.replace(/\s+/g, '').replaceAll(',}', '}').split(';');
    expect(statements(committed)).toEqual(statements(generateChecks(checkedSchemas)));
  });
});

describe('generateChecks', () => {
  const generate = (schema: z.ZodType) =>
    generateChecks([{ type: 'Thing', from: './thing.ts', schemaName: 'thingSchema', schema }]);

  it('default: writes a function that stops at the first field refused', () => {
    expect(generate(z.object({ a: z.int().max(5), b: z.string().regex(/^x$/).exactOptional() }))).toContain(`
const pattern1 = /^x$/;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True of exactly what \`thingSchema\` accepts. */
export function isThing(value: unknown): value is Thing {
  if (!isRecord(value)) return false;
  const a = value.a;
  if (!(typeof a === 'number' && Number.isSafeInteger(a) && a <= 5)) return false;
  const b = value.b;
  if (b === undefined ? 'b' in value : !(typeof b === 'string' && pattern1.test(b))) return false;
  return true;
}
`);
  });

  it.each([
    ['a refinement', z.number().refine((value) => value % 2 === 0)],
    ['a length', z.string().min(1)],
    ['a record of anything but JSON', z.object({ a: z.record(z.string(), z.number()) })],
    ['a record of JSON by names of a kind', z.object({ a: z.record(z.string().regex(/^x/), z.json()) })],
    ['a format', z.int32()],
    ['coercion', z.coerce.number()],
    ['an optional that may be undefined', z.object({ a: z.string().optional() })],
    ['a strict object', z.strictObject({ a: z.string() })],
    ['a refined object', z.object({ a: z.string() }).refine(() => false)],
    ['a union', z.union([z.string(), z.number()])],
    ['a transform', z.string().transform(Number)],
    ['an array of at most a few', z.object({ a: z.array(z.boolean()).max(2) })],
    ['unnamed elements', z.object({ a: z.array(z.string()) })],
    ['a tuple with a rest', z.tuple([z.number()], z.number())],
    ['a refined boolean', z.boolean().refine(() => false)],
    ['a refined choice', z.enum(['a']).refine(() => false)],
  ])('error: %s is not left out in silence', (_, schema) => {
    expect(() => generate(schema)).toThrow(expect.objectContaining({ code: 'check.unsupported' }));
  });
});

describe('whyRefused', () => {
  it('default: names each field and what is wrong with it', () => {
    const trade = { instrumentId: 'BTC', id: '7', side: 'buy', price: -1, size: 1, ...moments };
    expect(whyRefused(tradeSchema, trade)).toMatch(/^instrumentId: .+; price: .+>0$/);
    expect(whyRefused(orderBookSchema, { instrumentId, bids: [[1, -1]], asks: [], ...moments })).toMatch(
      /^bids\[0\]\[1\]: /,
    );
    expect(whyRefused(tradeSchema, 7)).toMatch(/^Invalid input/);
    expect(whyRefused(tradeSchema, { ...trade, instrumentId, price: 1 })).toBeUndefined();
  });
});
