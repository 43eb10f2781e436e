import type { CaptureLine } from './capture-frame.ts';
import { CaptureReader, isFrameText } from './read-capture.ts';

const seconds = String.raw`(\d{9,10})(?:\.(\d*))?`;
const answer = new RegExp(`^(\\S+) -> ${seconds}: (.*)$`, 's');
const sent = new RegExp(`^(\\S+) <- ${seconds}: (.*)$`, 's');
const opened = new RegExp(`^(\\S+) <-> ${seconds}$`);
const received = new RegExp(`^${seconds}: (.*)$`, 's');

/**
 * Reads a raw capture of cryptofeed (github.com/bmoscon/cryptofeed, `AsyncFileCallback`): lines `URL -> TS: BODY` for an answer
 * over HTTP, `URL <- TS: JSON` for a frame sent, `TS: JSON` for one received, TS in unix seconds. When a socket was opened and
 * the capture's own `configuration` are passed over.
 */
export const readCryptofeedCapture = (path: string): CaptureReader => new CaptureReader(path, cryptofeedLine);

/** What one line of such a capture is. */
export function cryptofeedLine(line: string): CaptureLine {
  const frame = received.exec(line);
  if (frame !== null) {
    const [, whole = '', fraction, text = ''] = frame;
    return framed({ receivedAtMs: msOf(whole, fraction), direction: 'received', text });
  }
  const asked = sent.exec(line);
  const answered = asked === null ? answer.exec(line) : null;
  const [, url = '', whole = '', fraction, text = ''] = asked ?? answered ?? [];
  if (asked !== null) return framed({ receivedAtMs: msOf(whole, fraction), direction: 'sent', url, text });
  if (answered !== null) return framed({ receivedAtMs: msOf(whole, fraction), direction: 'response', url, text });
  if (opened.test(line) || line.startsWith('configuration: {')) return undefined;
  return 'it is no line of a cryptofeed capture';
}

const framed = (frame: Exclude<CaptureLine, string | undefined>): CaptureLine =>
  isFrameText(frame.text) ? frame : 'what follows its time is not JSON';

/** Cut in decimal digits: as a float, .081 s would be 80.99… ms. */
const msOf = (seconds: string, fraction = ''): number =>
  Number(seconds) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
