import type { CaptureLine } from './capture-frame.ts';
import { CaptureReader, isFrameText } from './read-capture.ts';

const line = /^(\d{19}) (.*)$/s;

/**
 * Reads a raw Binance capture of hftbacktest (github.com/nkaz001/hftbacktest, its collector): lines `NANOSECONDS JSON`, frames of
 * a combined stream; what has no `stream` is the answer to the request for a depth snapshot.
 */
export const readHftbacktestCapture = (path: string): CaptureReader => new CaptureReader(path, hftbacktestLine);

/** What one line of such a capture is. */
export function hftbacktestLine(text: string): CaptureLine {
  const [, nanoseconds = '', json = ''] = line.exec(text) ?? [];
  if (nanoseconds === '') return 'it is no line of an hftbacktest capture';
  if (!isFrameText(json)) return 'what follows its time is not JSON';
  const receivedAtMs = Number(nanoseconds.slice(0, -6));
  return { receivedAtMs, direction: json.startsWith('{"stream"') ? 'received' : 'response', text: json };
}
