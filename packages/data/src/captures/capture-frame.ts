/** One thing that went over a wire, as it was captured. */
export interface CaptureFrame {
  /** The capturing machine's clock, ms UTC, cut to whole milliseconds. */
  readonly receivedAtMs: number;
  /** `received` and `sent` on a socket; `response`: the body of an answer over HTTP. */
  readonly direction: 'received' | 'sent' | 'response';
  /** The socket it was sent on, or what was asked for. A received frame names none: each file is of one socket. */
  readonly url?: string;
  /** As it came: one JSON document in all venues we know. */
  readonly text: string;
}

/** A line of a capture that is none of its format. */
export interface CaptureFinding {
  /** From 1. */
  readonly line: number;
  /** A sentence without its full stop. */
  readonly reason: string;
}

/** What reading a capture came upon. Every line is a frame, malformed or one of `passed`. */
export interface CaptureReport {
  readonly lines: number;
  readonly frames: number;
  /** Lines that say something about the capture itself, such as when a socket was opened. */
  readonly passed: number;
  readonly malformedCount: number;
  /** The first hundred malformed ones. */
  readonly malformed: readonly CaptureFinding[];
}

/** What a line is: a frame, a reason why it is none, or undefined for one to pass over. */
export type CaptureLine = CaptureFrame | string | undefined;
