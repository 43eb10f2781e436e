import { describe, expect, it } from 'vitest';
import { ReplacedOrders } from './replaced-orders.ts';

/** A reading of all fills that is answered, or fails, when told to. */
function setUp() {
  const replaced = new ReplacedOrders();
  const asked: { readonly answer: () => void; readonly fail: () => void }[] = [];
  const read = (): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    asked.push({ answer: resolve, fail: () => reject(new Error('no answer')) });
    replaced.reading(promise);
    return promise;
  };
  return { asked, read, replaced };
}

describe('ReplacedOrders', () => {
  it('default: one reading that begins after orders were seen is enough for all of them, for ever', async () => {
    const { asked, read, replaced } = setUp();
    replaced.see('1');
    replaced.see('2');
    const first = replaced.need('1', read);
    const second = replaced.need('2', read);
    asked[0]?.answer();
    await Promise.all([first, second]);
    await replaced.need('1', read);
    replaced.see('2');
    await replaced.need('2', read);
    expect(asked).toHaveLength(1);
  });

  it('behavior: a reading that began before an order was seen says nothing of it', async () => {
    const { asked, read, replaced } = setUp();
    const before = read();
    const needed = replaced.need('1', read);
    expect(asked).toHaveLength(2);
    asked[0]?.answer();
    await before;
    const again = replaced.need('1', read);
    asked[1]?.answer();
    await Promise.all([needed, again]);
    expect(asked).toHaveLength(2);
  });

  it('error: one that fails is not counted, and who waited for it asks for itself', async () => {
    const { asked, read, replaced } = setUp();
    const first = replaced.need('1', read);
    const second = replaced.need('1', read);
    asked[0]?.fail();
    await expect(first).rejects.toThrow('no answer');
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toHaveLength(2);
    asked[1]?.answer();
    await second;
    await replaced.need('1', read);
    expect(asked).toHaveLength(2);
  });
});
