import { listField, textField, type VenueDialect } from '../venue-dialect.ts';
import { unheard } from '../venue-protocol.ts';

/** Gate futures v4. Trades and candles come as lists of one contract. */
export const gateDialect: VenueDialect = {
  hear(message) {
    const {
      id,
      time,
      channel,
      event,
      payload = [],
    } = JSON.parse(message) as {
      readonly id?: number;
      readonly time: number;
      readonly channel: string;
      readonly event: string;
      readonly payload?: readonly string[];
    };
    if (channel.endsWith('.ping')) return { ...unheard, replies: [JSON.stringify({ time, channel: 'futures.pong' })] };
    const replies = [JSON.stringify({ id, time, channel, event, result: { status: 'success' } })];
    const what = channel === 'futures.candlesticks' ? `${payload[0]}_${payload[1]}` : (payload[0] ?? '');
    const stream = `${channel}:${what}`;
    return event === 'subscribe'
      ? { replies, opened: [stream], closed: [] }
      : { replies, opened: [], closed: [stream] };
  },
  streamOf(frame) {
    if (frame.event !== 'update') return undefined;
    const rows = listField(frame, 'result');
    const row = rows[0] ?? frame.result;
    const what = textField(row, 'n') || textField(row, 's') || textField(row, 'contract');
    return `${textField(frame, 'channel')}:${what}`;
  },
  bookOf: ({ path, query }) => (path.endsWith('/order_book') ? (query.get('contract') ?? undefined) : undefined),
};
