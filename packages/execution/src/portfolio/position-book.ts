import {
  type Fill,
  type FundingPayment,
  type InstrumentId,
  isZero,
  type Position,
  type Size,
  zeroSize,
} from '@perpdesk/core';
import { type FillCursor, isKnownFill, isKnownPayment, withFill, withPayment, withReading } from './fill-cursor.ts';
import {
  adoptedPosition,
  begunPosition,
  bookFill,
  bookFunding,
  type FilledOrder,
  type HeldPosition,
  lessenedBy,
  toldPosition,
  turnedBy,
} from './held-position.ts';

/** What the desk is to be told of a position. */
export interface PositionNews {
  readonly kind: 'opened' | 'changed' | 'closed';
  readonly held: HeldPosition;
}

/**
 * The open positions of an account, by what fills and funding made of them and what the venue says they are: the venue is
 * right about what stands, fills about what it cost. Each fill and payment is taken in once.
 */
export class PositionBook {
  readonly #held = new Map<InstrumentId, HeldPosition>();
  readonly #tell: (news: PositionNews) => void;
  #cursor: FillCursor;
  #changed = new Set<InstrumentId>();

  constructor(options: {
    readonly cursor: FillCursor;
    readonly held: readonly HeldPosition[];
    readonly tell: (news: PositionNews) => void;
  }) {
    this.#cursor = options.cursor;
    this.#tell = options.tell;
    for (const held of options.held) this.#held.set(held.instrumentId, held);
  }

  get cursor(): FillCursor {
    return this.#cursor;
  }

  get(instrumentId: InstrumentId): HeldPosition | undefined {
    return this.#held.get(instrumentId);
  }

  all(): readonly HeldPosition[] {
    return [...this.#held.values()];
  }

  /** Books a fill and gives how much of it lessened what was held; undefined when it was known. */
  fill(fill: Fill, order: FilledOrder | undefined): Size | undefined {
    if (isKnownFill(this.#cursor, fill)) return undefined;
    this.#cursor = withFill(this.#cursor, fill);
    const held = this.#held.get(fill.instrumentId);
    const lessened = held === undefined ? zeroSize : lessenedBy(held, fill);
    const turned = turnedBy(fill, order, lessened);
    if (held === undefined) this.#put(begunPosition(fill, order, this.#nextNumber()));
    else if (turned === undefined) this.#put(bookFill(held, fill, order));
    else {
      this.#put(bookFill(held, turned.closing, order));
      this.turn(fill.instrumentId);
      this.#put(begunPosition(turned.opening, order, this.#nextNumber()));
    }
    return lessened;
  }

  /** Books a payment; false when it was known. */
  pay(payment: FundingPayment): boolean {
    if (isKnownPayment(this.#cursor, payment)) return false;
    this.#cursor = withPayment(this.#cursor, payment);
    const held = this.#held.get(payment.instrumentId);
    if (held !== undefined && payment.atMs >= held.position.openedAtMs) this.#put(bookFunding(held, payment));
    return true;
  }

  /** Notes that all fills until an instant were taken in. */
  read(atMs: number): void {
    this.#cursor = withReading(this.#cursor, atMs);
  }

  /** Takes in what the venue says of a position; undefined: it is gone. */
  stand(instrumentId: InstrumentId, position: Position | undefined): void {
    const held = this.#held.get(instrumentId);
    if (position === undefined) {
      if (held !== undefined) this.#close(held);
      return;
    }
    if (held === undefined) return this.#open(adoptedPosition(position, this.#nextNumber()));
    if (held.position.direction !== position.direction) {
      this.#close(held);
      return this.#open(adoptedPosition(position, this.#nextNumber()));
    }
    if (!held.opened) return this.#open(toldPosition(held, position));
    if (position.updatedAtMs < held.position.updatedAtMs) return;
    const told = toldPosition(held, position);
    // Only what the desk is told of has to outlive the process: the rest the venue says again.
    if (held.position.size === position.size && told.cost === held.cost) {
      this.#held.set(instrumentId, told);
      return;
    }
    const changed = { ...told, revision: told.revision + 1 };
    this.#put(changed);
    this.#tell({ kind: 'changed', held: changed });
  }

  /** Has an instrument count as changed. */
  touch(instrumentId: InstrumentId): void {
    this.#changed.add(instrumentId);
  }

  /** Ends a position that its own fills have closed, before the fill that begins the next is booked. */
  turn(instrumentId: InstrumentId): void {
    const held = this.#held.get(instrumentId);
    if (held !== undefined && isZero(held.size)) this.#close(held);
  }

  /** Positions that changed since this was asked last, as they stand; undefined: gone. */
  takeChanged(): ReadonlyMap<InstrumentId, HeldPosition | undefined> {
    const changed = new Map([...this.#changed].map((id) => [id, this.#held.get(id)]));
    this.#changed = new Set();
    return changed;
  }

  #open(held: HeldPosition): void {
    const opened = { ...held, opened: true };
    this.#put(opened);
    this.#tell({ kind: 'opened', held: opened });
  }

  #close(held: HeldPosition): void {
    if (!held.opened) this.#open(held);
    this.#held.delete(held.instrumentId);
    this.#changed.add(held.instrumentId);
    this.#tell({ kind: 'closed', held });
  }

  #put(held: HeldPosition): void {
    this.#held.set(held.instrumentId, held);
    this.#changed.add(held.instrumentId);
  }

  #nextNumber(): number {
    this.#cursor = { ...this.#cursor, positions: this.#cursor.positions + 1 };
    return this.#cursor.positions;
  }
}
