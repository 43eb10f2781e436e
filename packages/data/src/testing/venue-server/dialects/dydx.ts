import { textField, type VenueDialect } from '../venue-dialect.ts';
import { unheard } from '../venue-protocol.ts';

/** dYdX v4 indexer. What is said at a subscription is a frame of the capture like the others. */
export const dydxDialect: VenueDialect = {
  hear(message) {
    const request: unknown = JSON.parse(message);
    const stream = `${textField(request, 'channel')}:${textField(request, 'id')}`;
    if (textField(request, 'type') === 'subscribe') return { ...unheard, opened: [stream] };
    return textField(request, 'type') === 'unsubscribe' ? { ...unheard, closed: [stream] } : unheard;
  },
  streamOf(frame) {
    const channel = textField(frame, 'channel');
    return channel === '' ? undefined : `${channel}:${textField(frame, 'id')}`;
  },
};
