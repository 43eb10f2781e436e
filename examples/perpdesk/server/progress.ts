import type { Clock, Release } from '@perpdesk/core';
import type { RunningDesk } from './desk.ts';

/** One line on a terminal that says how far the desk is; nothing where there is no terminal. */
export class Progress {
  readonly #desk: RunningDesk;
  readonly #stream: NodeJS.WriteStream;
  readonly #clock: Clock;
  #cancel: Release = () => {};

  constructor(options: { readonly desk: RunningDesk; readonly stream: NodeJS.WriteStream; readonly clock: Clock }) {
    this.#desk = options.desk;
    this.#stream = options.stream;
    this.#clock = options.clock;
  }

  start(): void {
    if (this.#stream.isTTY !== true) return;
    this.#stream.write(`\r\u001b[K${this.#desk.progress()}`);
    this.#cancel = this.#clock.setTimer(500, () => this.start());
  }

  stop(): void {
    this.#cancel();
    if (this.#stream.isTTY === true) this.#stream.write('\n');
  }
}
