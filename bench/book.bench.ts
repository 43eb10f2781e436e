// The order book: ns per changed level on the recorded Binance diffs and on a million made ones, best and top 20 of both sides
// read every 10 deltas, against ccxt's book, sorted-btree and hand-written sorted arrays, in one run.
// Run: node --conditions=@perpdesk/source bench/book.bench.ts
import { existsSync } from 'node:fs';
import type { BookDelta, BookLevel } from '../packages/core/src/index.ts';
import { median } from '../packages/core/src/index.ts';
import { OrderBook } from '../packages/data/src/book/order-book.ts';
import { readBinanceDepth } from '../packages/data/src/book/testing/recorded-books.ts';
import { importPeer } from './peers/import-peer.ts';

/** A book as the bench sees it. `read` adds best and top 20 of both sides up, in one order, so that all sums are equal. */
interface Contender {
  readonly name: string;
  /** Makes an empty book and gives its actions. */
  create(): {
    apply(bids: readonly BookLevel[], asks: readonly BookLevel[]): void;
    set(isBid: boolean, price: number, size: number): void;
    read(): number;
  };
}

const top = 20;
const instrumentId = 'BTC-PERP@binance';

const ours: Contender = {
  name: 'OrderBook',
  create() {
    const book = new OrderBook({ instrumentId });
    const levels = new Float64Array(2 * top);
    const delta = { instrumentId, bids: [], asks: [], sequence: 1, exchangeAtMs: 0, receivedAtMs: 0 } as {
      -readonly [Key in keyof BookDelta]: BookDelta[Key];
    };
    const side = (name: 'bids' | 'asks'): number => {
      const count = book.top(name, levels);
      let sum = 0;
      for (let i = 0; i < count; i += 1) sum += (levels[2 * i] as number) * (levels[2 * i + 1] as number);
      return sum;
    };
    return {
      apply(bids, asks) {
        delta.bids = bids as BookLevel[];
        delta.asks = asks as BookLevel[];
        book.apply(delta);
      },
      set: (isBid, price, size) => book.setLevel(isBid ? 'bids' : 'asks', price, size),
      read: () => book.bestBid + book.bestAsk + side('bids') + side('asks'),
    };
  },
};

/** What one writes for this case alone: two pairs of columns, the best last, a scan from the best, then bisection. */
const byHand: Contender = {
  name: 'hand-written sorted arrays',
  create() {
    const capacity = 1 << 15;
    const bidPrices = new Float64Array(capacity);
    const bidSizes = new Float64Array(capacity);
    const askPrices = new Float64Array(capacity);
    const askSizes = new Float64Array(capacity);
    let bidCount = 0;
    let askCount = 0;
    function find(prices: Float64Array, count: number, price: number, rising: boolean): number {
      const scanned = count > 16 ? count - 16 : 0;
      let i = count - 1;
      while (i >= scanned && (rising ? (prices[i] as number) > price : (prices[i] as number) < price)) i -= 1;
      if (i >= scanned) return i;
      let low = 0;
      let high = scanned - 1;
      while (low <= high) {
        const middle = (low + high) >>> 1;
        const here = prices[middle] as number;
        if (here === price) return middle;
        if (rising ? here < price : here > price) low = middle + 1;
        else high = middle - 1;
      }
      return low - 1;
    }
    // Returns the new count; `at` is the last level that is not better than the price.
    function set(
      prices: Float64Array,
      sizes: Float64Array,
      count: number,
      rising: boolean,
      price: number,
      size: number,
    ): number {
      const at = find(prices, count, price, rising);
      if (at >= 0 && prices[at] === price) {
        if (size !== 0) {
          sizes[at] = size;
          return count;
        }
        if (count - at < 48) {
          for (let i = at; i < count - 1; i += 1) {
            prices[i] = prices[i + 1] as number;
            sizes[i] = sizes[i + 1] as number;
          }
        } else {
          prices.copyWithin(at, at + 1, count);
          sizes.copyWithin(at, at + 1, count);
        }
        return count - 1;
      }
      if (size === 0) return count;
      if (count - at < 48) {
        for (let i = count; i > at + 1; i -= 1) {
          prices[i] = prices[i - 1] as number;
          sizes[i] = sizes[i - 1] as number;
        }
      } else {
        prices.copyWithin(at + 2, at + 1, count);
        sizes.copyWithin(at + 2, at + 1, count);
      }
      prices[at + 1] = price;
      sizes[at + 1] = size;
      return count + 1;
    }
    const side = (prices: Float64Array, sizes: Float64Array, count: number): number => {
      let sum = 0;
      for (let i = count - 1; i >= 0 && i >= count - top; i -= 1) sum += (prices[i] as number) * (sizes[i] as number);
      return sum;
    };
    return {
      apply(bids, asks) {
        for (let i = 0; i < bids.length; i += 1) {
          const level = bids[i] as BookLevel;
          bidCount = set(bidPrices, bidSizes, bidCount, true, level[0], level[1]);
        }
        for (let i = 0; i < asks.length; i += 1) {
          const level = asks[i] as BookLevel;
          askCount = set(askPrices, askSizes, askCount, false, level[0], level[1]);
        }
      },
      set(isBid, price, size) {
        if (isBid) bidCount = set(bidPrices, bidSizes, bidCount, true, price, size);
        else askCount = set(askPrices, askSizes, askCount, false, price, size);
      },
      read: () =>
        (bidPrices[bidCount - 1] as number) +
        (askPrices[askCount - 1] as number) +
        side(bidPrices, bidSizes, bidCount) +
        side(askPrices, askSizes, askCount),
    };
  },
};

/** The parts of ccxt's book and of sorted-btree that are called here. */
interface CcxtSide extends Array<[number, number]> {
  store(price: number, size: number): void;
}
interface CcxtModule {
  readonly OrderBook: new () => { readonly bids: CcxtSide; readonly asks: CcxtSide };
}
interface Tree {
  set(key: number, value: number): boolean;
  delete(key: number): boolean;
  minKey(): number | undefined;
  entries(first?: number, reused?: [number, number]): IterableIterator<[number, number]>;
}
interface TreeModule {
  readonly default: { readonly default: new (entries: undefined, compare: (a: number, b: number) => number) => Tree };
}

function ccxtBook(module: CcxtModule, sliced: boolean): Contender {
  return {
    name: sliced ? 'ccxt, slice(0, 20)' : 'ccxt, by index',
    create() {
      const { bids, asks } = new module.OrderBook();
      const side = (levels: CcxtSide): number => {
        const from = sliced ? levels.slice(0, top) : levels;
        let sum = 0;
        for (let i = 0; i < top && i < from.length; i += 1) {
          const [price, size] = from[i] as [number, number];
          sum += price * size;
        }
        return sum;
      };
      return {
        apply(bidLevels, askLevels) {
          for (const level of bidLevels) bids.store(level[0], level[1]);
          for (const level of askLevels) asks.store(level[0], level[1]);
        },
        set: (isBid, price, size) => (isBid ? bids : asks).store(price, size),
        read: () => (bids[0] as [number, number])[0] + (asks[0] as [number, number])[0] + side(bids) + side(asks),
      };
    },
  };
}

function treeBook(module: TreeModule): Contender {
  return {
    name: 'sorted-btree',
    create() {
      const bids = new module.default.default(undefined, (a, b) => b - a);
      const asks = new module.default.default(undefined, (a, b) => a - b);
      const pair: [number, number] = [0, 0];
      const side = (tree: Tree): number => {
        let sum = 0;
        let count = 0;
        for (const entry of tree.entries(undefined, pair)) {
          sum += entry[0] * entry[1];
          count += 1;
          if (count === top) break;
        }
        return sum;
      };
      const put = (tree: Tree, price: number, size: number): void => {
        if (size === 0) tree.delete(price);
        else tree.set(price, size);
      };
      return {
        apply(bidLevels, askLevels) {
          for (const level of bidLevels) put(bids, level[0], level[1]);
          for (const level of askLevels) put(asks, level[0], level[1]);
        },
        set: (isBid, price, size) => put(isBid ? bids : asks, price, size),
        read: () => (bids.minKey() ?? 0) + (asks.minKey() ?? 0) + side(bids) + side(asks),
      };
    },
  };
}

type Book = ReturnType<Contender['create']>;

interface Workload {
  readonly name: string;
  readonly rounds: number;
  readonly deltas: number;
  readonly levels: number;
  /** Lays the whole book down. */
  begin(book: Book): void;
  /** Applies the deltas from one to another, with the reads. @returns their sum. */
  run(book: Book, from: number, to: number): number;
}

function recorded(file: string): Workload {
  const { deltas, snapshot } = readBinanceDepth(file);
  const sequence = snapshot?.sequence ?? 0;
  const after = deltas.filter((delta) => delta.sequence >= sequence);
  return {
    name: file,
    rounds: 7,
    deltas: after.length,
    levels: after.reduce((total, { bids, asks }) => total + bids.length + asks.length, 0),
    begin: (book) => book.apply(snapshot?.bids ?? [], snapshot?.asks ?? []),
    run({ apply, read }, from, to) {
      let sum = 0;
      for (let i = from; i < to; i += 1) {
        const { bids, asks } = after[i] as BookDelta;
        apply(bids, asks);
        if (i % 10 === 0) sum += read();
      }
      return sum;
    },
  };
}

/** One level a delta, from columns; 80 % of them in the best 20, 1,000 prices a side, one in four a removal. */
function made(count: number): Workload {
  let state = 7;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const price = (isBid: boolean, rank: number): number => (500_000 + (isBid ? -rank : rank)) / 10;
  const whole = (isBid: boolean): BookLevel[] =>
    Array.from({ length: 1000 }, (_, i): BookLevel => [price(isBid, i + 1), 1 + random()]);
  const [bids, asks] = [whole(true), whole(false)];
  const isBid = new Uint8Array(count);
  const prices = new Float64Array(count);
  const sizes = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    isBid[i] = random() < 0.5 ? 1 : 0;
    prices[i] = price(isBid[i] === 1, 1 + Math.floor(random() * (random() < 0.8 ? 20 : 1000)));
    sizes[i] = random() < 0.25 ? 0 : 1 + random();
  }
  return {
    name: `${count.toLocaleString('en')} made deltas of one level`,
    rounds: 5,
    deltas: count,
    levels: count,
    begin: (book) => book.apply(bids, asks),
    run({ set, read }, from, to) {
      let sum = 0;
      for (let i = from; i < to; i += 1) {
        set(isBid[i] === 1, prices[i] as number, sizes[i] as number);
        if (i % 10 === 0) sum += read();
      }
      return sum;
    },
  };
}

/** Parts of a workload that are timed one by one, the contenders by turns, so that what else the machine does hits all alike. */
const parts = 40;

function measure(workload: Workload, contenders: readonly Contender[]): void {
  const { deltas, levels, rounds } = workload;
  const times = contenders.map(() => Array.from({ length: parts }, (): number[] => []));
  for (let round = 0; round < rounds; round += 1) {
    const books = contenders.map((contender) => contender.create());
    const sums = contenders.map(() => 0);
    for (const book of books) workload.begin(book);
    for (let part = 0; part < parts; part += 1) {
      const from = Math.floor((part * deltas) / parts);
      const to = Math.floor(((part + 1) * deltas) / parts);
      for (const [c, book] of books.entries()) {
        const startedAt = performance.now();
        sums[c] = (sums[c] as number) + workload.run(book, from, to);
        times[c]?.[part]?.push(performance.now() - startedAt);
      }
    }
    if (new Set(sums).size !== 1) throw new Error(`${workload.name}: the books differ: ${sums.join(', ')}`);
  }
  const typical = (contender: Contender): number =>
    (times[contenders.indexOf(contender)] ?? []).reduce((total, part) => total + (median(part) ?? Number.NaN), 0);
  const mine = typical(ours);
  console.log(`\n${workload.name}: ${deltas} deltas, ${levels} levels; one checksum for all`);
  console.log(`${'book'.padEnd(28)}${'ns/delta'.padStart(10)}${'ns/level'.padStart(10)}${'x ours'.padStart(9)}`);
  for (const contender of contenders) {
    const ms = typical(contender);
    const columns = [(ms * 1e6) / deltas, (ms * 1e6) / levels];
    const ratio = (ms / mine).toFixed(2).padStart(9);
    console.log(`${contender.name.padEnd(28)}${columns.map((ns) => ns.toFixed(1).padStart(10)).join('')}${ratio}`);
  }
  const against = (name: string): number => typical(contenders.find((one) => one.name === name) ?? ours) / mine;
  const tell = (goal: string, ratio: number, holds: boolean): void =>
    console.log(`  goal ${goal}: ${ratio.toFixed(2)} ${holds ? 'holds' : 'DOES NOT HOLD'}`);
  const limit = 1 / against(byHand.name);
  tell('<= 1.3x hand-written', limit, limit <= 1.3);
  for (const [name, factor] of [
    ['ccxt, by index', 8],
    ['ccxt, slice(0, 20)', 8],
    ['sorted-btree', 3.5],
  ] as const) {
    if (contenders.some((one) => one.name === name))
      tell(`>= ${factor}x ${name}`, against(name), against(name) >= factor);
  }
}

const ccxtPath = new URL('../packages/data/node_modules/ccxt/js/src/base/ws/OrderBook.js', import.meta.url);
const contenders = [ours, byHand];
if (existsSync(ccxtPath)) {
  const module = (await import(ccxtPath.href)) as CcxtModule;
  contenders.push(ccxtBook(module, false), ccxtBook(module, true));
}
const tree = await importPeer<TreeModule>('sorted-btree');
if (tree !== undefined) contenders.push(treeBook(tree));

for (const file of ['usdm/btcusdt_20240808.gz', 'cm/btcusd_perp_20240808.gz']) {
  try {
    measure(recorded(file), contenders);
  } catch (error) {
    console.log(`\n${file}: not measured: ${String(error)}`);
  }
}
measure(made(1_000_000), contenders);
