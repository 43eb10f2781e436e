import { SystemClock } from '@perpdesk/core';
import { CcxtFeed, OrderBook } from '@perpdesk/data';

const feed = new CcxtFeed({ venue: 'hyperliquid', clock: new SystemClock() });
const book = new OrderBook({ instrumentId: 'BTC-PERP@hyperliquid' });
await feed.start();
feed.watch({ instrumentIds: ['BTC-PERP@hyperliquid'], channels: ['book', 'trades'] }, (update) => {
  if (update.kind === 'book') book.replace(update.book);
  else if (update.kind === 'book-delta') book.apply(update.delta);
  else if (update.kind === 'trade') console.log(update.trade.price, 'mid', book.mid);
  else if (update.kind === 'gap') console.log('missed', update.gap.channel, 'filled:', update.gap.filled);
});
