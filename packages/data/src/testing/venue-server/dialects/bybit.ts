import { textField, type VenueDialect } from '../venue-dialect.ts';
import { unheard } from '../venue-protocol.ts';

/** Bybit v5. */
export const bybitDialect: VenueDialect = {
  hear(message) {
    const { op, args = [], req_id } = JSON.parse(message) as { op: string; args?: string[]; req_id?: string };
    const replies = [JSON.stringify({ success: true, ret_msg: op === 'ping' ? 'pong' : '', conn_id: 'a', req_id, op })];
    if (op === 'subscribe') return { ...unheard, replies, opened: args };
    return op === 'unsubscribe' ? { ...unheard, replies, closed: args } : { ...unheard, replies };
  },
  streamOf: (frame) => textField(frame, 'topic') || undefined,
};
