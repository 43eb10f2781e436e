import type { Random } from '@perpdesk/core';

/** How often what happens to a frame, each 0 to 1 of all frames. */
export interface FaultRates {
  /** The socket is ended, this frame with it. */
  readonly cut: number;
  /** The socket stays open and says nothing any more until it is ended by the client. */
  readonly stall: number;
  readonly drop: number;
  readonly duplicate: number;
  /** The frame comes one to five frames later. */
  readonly reorder: number;
  /** The frame comes six to forty frames later. */
  readonly late: number;
  /** One character becomes another. */
  readonly corrupt: number;
  /** The frame ends early. */
  readonly truncate: number;
  /** One digit becomes another, so that the frame can still be read. Only where something shows it. */
  readonly tamper: number;
}

export const noFaults: FaultRates = {
  ...{ cut: 0, stall: 0, drop: 0, duplicate: 0, reorder: 0, late: 0, corrupt: 0, truncate: 0, tamper: 0 },
};

/** The names of what can happen to a frame. */
export const faultNames = Object.keys(noFaults) as readonly (keyof FaultRates)[];

/** A frame of a stream. */
export interface StreamFrame {
  readonly stream: string;
  readonly text: string;
}

/** What becomes of one frame. */
export interface FaultedFrame {
  /** What is sent in its place, spoiled ones too. */
  readonly send: readonly string[];
  /** Frames held back before that are due: sent after it, whole. */
  readonly due: readonly StreamFrame[];
  readonly fault: keyof FaultRates | undefined;
}

/** Spoils the frames of one socket, by chance with a seed. */
export class FaultInjector {
  readonly #random: Random;
  readonly #rates: FaultRates;
  readonly #held: { readonly frame: StreamFrame; frames: number }[] = [];

  readonly #tampers: (stream: string) => boolean;

  /** @param tampers the streams whose frames may be tampered with. Default: all. */
  constructor(random: Random, rates: FaultRates, tampers: (stream: string) => boolean = () => true) {
    this.#random = random;
    this.#rates = rates;
    this.#tampers = tampers;
  }

  /** What is sent in place of the next frame, and what was held back and is due. */
  next(frame: StreamFrame): FaultedFrame {
    const drawn = this.#draw();
    const fault = drawn === 'tamper' && !this.#tampers(frame.stream) ? undefined : drawn;
    const due: StreamFrame[] = [];
    for (const held of this.#held) held.frames -= 1;
    for (let held = this.#held[0]; held !== undefined && held.frames <= 0; held = this.#held[0]) {
      due.push(held.frame);
      this.#held.shift();
    }
    if (fault === 'reorder') this.#hold(frame, 1 + Math.floor(this.#random.next() * 5));
    if (fault === 'late') this.#hold(frame, 6 + Math.floor(this.#random.next() * 35));
    return { send: this.#spoil(frame.text, fault), due, fault };
  }

  #draw(): keyof FaultRates | undefined {
    let drawn = this.#random.next();
    for (const name of faultNames) {
      drawn -= this.#rates[name];
      if (drawn < 0) return name;
    }
    return undefined;
  }

  #spoil(text: string, fault: keyof FaultRates | undefined): readonly string[] {
    switch (fault) {
      case undefined:
        return [text];
      case 'duplicate':
        return [text, text];
      case 'truncate':
        return [text.slice(0, 1 + Math.floor(this.#random.next() * (text.length - 1)))];
      case 'corrupt': {
        const at = Math.floor(this.#random.next() * text.length);
        return [`${text.slice(0, at)}\u0000${text.slice(at + 1)}`];
      }
      case 'tamper': {
        const digits = [...text.matchAll(/\d/g)];
        const digit = digits[Math.floor(this.#random.next() * digits.length)];
        if (digit === undefined) return [text];
        const other = (Number(digit[0]) + 1 + Math.floor(this.#random.next() * 9)) % 10;
        return [`${text.slice(0, digit.index)}${other}${text.slice(digit.index + 1)}`];
      }
      default:
        return [];
    }
  }

  #hold(frame: StreamFrame, frames: number): void {
    this.#held.push({ frame, frames });
    this.#held.sort((a, b) => a.frames - b.frames);
  }
}
