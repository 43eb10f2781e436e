import { setImmediate as turn } from 'node:timers/promises';
import type { CaptureFrame } from '../../captures/capture-frame.ts';
import type { SteeredClock } from './steered-clock.ts';
import type { VenueDialect } from './venue-dialect.ts';
import type { VenueHearing, VenueProtocol, VenueRequest } from './venue-protocol.ts';
import { VenueServer } from './venue-server.ts';

/** Options of {@link CaptureVenue}. */
export interface CaptureVenueOptions {
  readonly dialect: VenueDialect;
  /** Bodies by path, such as the instruments. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** What was captured, oldest first: frames received, and answers with whole books at their place among them. */
  readonly timeline: readonly CaptureFrame[];
  /** What an answer of the timeline that names no URL is a whole book of. */
  readonly book?: string;
  readonly clock: SteeredClock;
}

/** Sockets are asked whether they have read everything after so many frames. */
const lockstepFrames = 64;
const mostTurns = 20_000;

/**
 * Serves a capture: sends each frame to who has subscribed to its stream, as fast as they read, with the clock at the instant
 * it was received. A request for a whole book is answered with the captured one, when the frames before it have been sent.
 */
export class CaptureVenue implements VenueProtocol {
  readonly server: VenueServer;
  readonly #options: CaptureVenueOptions;
  readonly #books = new Map<string, unknown>();
  readonly #asked = new Map<string, ((book: unknown) => void)[]>();

  constructor(options: CaptureVenueOptions) {
    this.#options = options;
    this.server = new VenueServer({ protocol: this });
  }

  hear(message: string): VenueHearing {
    return this.#options.dialect.hear(message);
  }

  answer(request: VenueRequest): unknown {
    const { dialect, answers } = this.#options;
    const book = dialect.bookOf?.(request);
    if (book === undefined) return answers[request.path] ?? dialect.answer?.(request);
    if (this.#books.has(book)) return this.#books.get(book);
    return new Promise((resolve) => this.#asked.set(book, [...(this.#asked.get(book) ?? []), resolve]));
  }

  /**
   * Plays the capture to its end.
   * @param isReady of a whole book that was answered: true once the client has taken it. Frames wait for it.
   * @returns how many frames of each stream were sent.
   */
  async play(isReady: (book: string) => boolean = () => true): Promise<Readonly<Record<string, number>>> {
    const { dialect, timeline, clock } = this.#options;
    const sent: Record<string, number> = {};
    const heard = this.server.streams();
    let unsettled = 0;
    for (const frame of timeline) {
      clock.moveTo(frame.receivedAtMs);
      if (frame.direction === 'response') {
        await this.server.settle();
        await this.#tellBook(frame, isReady);
        continue;
      }
      if (frame.direction !== 'received') continue;
      const stream = dialect.streamOf(JSON.parse(frame.text) as Record<string, unknown>);
      if (stream === undefined || !heard.has(stream)) continue;
      sent[stream] = (sent[stream] ?? 0) + 1;
      this.server.tell(stream, dialect.wire?.(frame.text) ?? frame.text);
      unsettled += 1;
      if (unsettled % lockstepFrames === 0) await this.server.settle();
    }
    await this.server.settle();
    return sent;
  }

  async #tellBook(frame: CaptureFrame, isReady: (book: string) => boolean): Promise<void> {
    const { dialect, clock } = this.#options;
    const url = frame.url === undefined ? undefined : new URL(frame.url);
    const of = url && dialect.bookOf?.({ path: url.pathname, query: url.searchParams });
    const book = of ?? this.#options.book;
    if (book === undefined) return;
    this.#books.set(book, frame.text);
    const wanted = (): boolean => this.#asked.has(book);
    // The client asks when it has seen a delta, its timers run by our clock.
    for (let turns = 0; !wanted() && turns < 200; turns += 1) {
      clock.moveTo(clock.nowMs());
      await turn();
    }
    if (!wanted()) return;
    for (const resolve of this.#asked.get(book) ?? []) resolve(frame.text);
    for (let turns = 0; !isReady(book); turns += 1) {
      if (turns === mostTurns) throw new Error(`The client does not take the book of ${book}.`);
      clock.moveTo(clock.nowMs());
      await turn();
    }
  }
}
