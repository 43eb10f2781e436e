import { textField, type VenueDialect } from '../venue-dialect.ts';
import { unheard } from '../venue-protocol.ts';

/** Kraken Futures v1. A feed's first frame is its `…_snapshot`. */
export const krakenFuturesDialect: VenueDialect = {
  hear(message) {
    const {
      event,
      feed,
      product_ids = [],
    } = JSON.parse(message) as {
      readonly event: string;
      readonly feed: string;
      readonly product_ids?: readonly string[];
    };
    const streams = product_ids.map((product) => `${feed}:${product}`);
    const replies = product_ids.map((product) => JSON.stringify({ event: `${event}d`, feed, product_ids: [product] }));
    if (event === 'subscribe') return { replies, opened: streams, closed: [] };
    return event === 'unsubscribe' ? { replies, opened: [], closed: streams } : unheard;
  },
  streamOf(frame) {
    const feed = textField(frame, 'feed').replace(/_snapshot$/, '');
    const product = textField(frame, 'product_id');
    return feed === '' || product === '' ? undefined : `${feed}:${product}`;
  },
};
