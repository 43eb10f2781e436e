import { textField, type VenueDialect } from '../venue-dialect.ts';
import { unheard } from '../venue-protocol.ts';

/** The stream of a subscription without its rate: captures have `depth@0ms` and `depth@100ms` for the same. */
export const binanceStream = (name: string): string => name.replace(/@\d+m?s$/, '');

/** Binance USDⓈ-M and COIN-M. On `/ws` frames come bare, so the wrapping of a combined stream is taken off. */
export const binanceDialect: VenueDialect = {
  hear(message) {
    const { id, method, params } = JSON.parse(message) as { id: number; method: string; params?: string[] };
    const streams = (params ?? []).map(binanceStream);
    const replies = [JSON.stringify({ result: null, id })];
    if (method === 'SUBSCRIBE') return { ...unheard, replies, opened: streams };
    return method === 'UNSUBSCRIBE' ? { ...unheard, replies, closed: streams } : { ...unheard, replies };
  },
  streamOf: (frame) => binanceStream(textField(frame, 'stream')) || undefined,
  wire: (text) => text.slice(text.indexOf('"data":') + '"data":'.length, -1),
  bookOf: ({ path, query }) => (path.endsWith('/depth') ? (query.get('symbol') ?? undefined) : undefined),
};
