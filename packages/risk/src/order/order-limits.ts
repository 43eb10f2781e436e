import { type MarketId, type Rate, type Size, toRate } from '@perpdesk/core';

/** The settings of the order controls. */
export interface OrderLimits {
  /** How far a price may lie from the mark and from the second reference, and these from one another. Default 5 %. */
  readonly priceCollar: Rate;
  /** Orders of equal content within this time are one order sent twice. Default 3 s. */
  readonly duplicateWindowMs: number;
  /** Over which messages are counted. Default 10 s. */
  readonly messageWindowMs: number;
  /** New-risk orders of one user in a window. Default 30. */
  readonly entryMessages: number;
  /** Room of their own for exits, in the same window. The kill switch is never throttled. Default 120. */
  readonly exitMessages: number;
  /** Automated trades of one user and market in an hour; one more waits for a human. Default 6. */
  readonly entriesPerHour: number;
  /** An order that takes liquidity may ask for this share of what the book shows within the collar. Default 1. */
  readonly depthShare: Rate;
  /** Liquidation lies at least this share of the price away, also without a stop. Default 2 %. */
  readonly minLiquidationDistance: Rate;
  /** How long an order nobody signalled holds its margin back while it is not seen at the venue. Default 30 s. */
  readonly orderReservationMs: number;
  /** Largest size of one order, by market. Default: none. */
  readonly maxOrderSize: Readonly<Record<MarketId, Size>>;
}

/** The one place of the order controls' numbers. */
export const orderLimitDefaults: OrderLimits = {
  priceCollar: toRate('0.05'),
  duplicateWindowMs: 3_000,
  messageWindowMs: 10_000,
  entryMessages: 30,
  exitMessages: 120,
  entriesPerHour: 6,
  depthShare: toRate('1'),
  minLiquidationDistance: toRate('0.02'),
  orderReservationMs: 30_000,
  maxOrderSize: {},
};
