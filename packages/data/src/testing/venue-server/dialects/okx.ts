import { listField, textField, type VenueDialect } from '../venue-dialect.ts';
import { unheard } from '../venue-protocol.ts';

const streamOf = (arg: unknown): string => `${textField(arg, 'channel')}:${textField(arg, 'instId')}`;

/** OKX v5. */
export const okxDialect: VenueDialect = {
  hear(message) {
    if (message === 'ping') return { ...unheard, replies: ['pong'] };
    const request: unknown = JSON.parse(message);
    const args = listField(request, 'args');
    const event = textField(request, 'op');
    const id = textField(request, 'id');
    const replies = args.map((arg) => JSON.stringify({ event, arg, connId: 'a', ...(id === '' ? {} : { id }) }));
    const streams = args.map(streamOf);
    return event === 'subscribe' ? { replies, opened: streams, closed: [] } : { replies, opened: [], closed: streams };
  },
  streamOf: (frame) => ('data' in frame ? streamOf(frame.arg) : undefined),
};
