import { Decimal, instrumentIdSchema, marginModeSchema, orderSchema, tradeDirectionSchema } from '@perpdesk/core';
import * as z from 'zod';
import type { PaperOrder, PaperPosition } from './paper-account.ts';

const exactSchema = z.string().transform((text) => new Decimal(text));

const positionRowSchema = z.object({
  instrumentId: instrumentIdSchema,
  direction: tradeDirectionSchema,
  size: exactSchema,
  cost: exactSchema,
  margin: exactSchema,
  leverage: z.number(),
  marginMode: marginModeSchema,
  realizedPnl: exactSchema,
  openedAtMs: z.int(),
  updatedAtMs: z.int(),
  fundedThroughMs: z.int(),
});

const orderRowSchema = z.object({
  order: orderSchema,
  sequence: z.int(),
  sinceMs: z.int(),
  cancelAtMs: z.int().exactOptional(),
  active: z.boolean(),
  triggered: z.boolean(),
  filledValue: exactSchema,
});

/** A position as it is kept: decimals are strings in JSON, since decimal.js writes itself so. */
export const writePosition = (position: PaperPosition): string => JSON.stringify(position);
export const readPosition = (data: string): PaperPosition => positionRowSchema.parse(JSON.parse(data));

/** An order as it is kept. */
export const writeOrder = (order: PaperOrder): string => JSON.stringify(order);
export const readOrder = (data: string): PaperOrder => orderRowSchema.parse(JSON.parse(data));
