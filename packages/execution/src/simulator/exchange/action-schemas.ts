import * as z from 'zod';

const assetNumber = z.int().nonnegative();
const decimalText = z.string().regex(/^\d+(\.\d+)?$/);
const clientOrderId = z
  .string()
  .regex(/^0x[0-9a-f]{32}$/i)
  .transform((id) => id.toLowerCase());
const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/i)
  .transform((text) => text.toLowerCase());

/** An order as it is sent. */
export const wireOrderSchema = z.object({
  a: assetNumber,
  b: z.boolean(),
  p: decimalText,
  s: decimalText,
  r: z.boolean(),
  t: z.union([
    z.object({ limit: z.object({ tif: z.enum(['Gtc', 'Ioc', 'Alo', 'FrontendMarket']) }) }),
    z.object({
      trigger: z.object({ isMarket: z.boolean(), triggerPx: decimalText, tpsl: z.enum(['tp', 'sl']) }),
    }),
  ]),
  c: clientOrderId.nullish(),
});
export type WireOrder = z.infer<typeof wireOrderSchema>;

const orderId = z.union([z.int().nonnegative(), clientOrderId]);
const modification = z.object({ oid: orderId, order: wireOrderSchema });

/** The actions that trade, by their `type`. Unknown fields are ignored: the signature covers them all the same. */
export const tradingActionSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('order'),
    orders: z.array(wireOrderSchema).min(1),
    grouping: z.union([z.enum(['na', 'normalTpsl', 'positionTpsl']), z.object({ p: z.int() })]).default('na'),
    builder: z.object({ b: address, f: z.int().nonnegative() }).optional(),
  }),
  z.object({ type: z.literal('cancel'), cancels: z.array(z.object({ a: assetNumber, o: z.int() })).min(1) }),
  z.object({
    type: z.literal('cancelByCloid'),
    cancels: z.array(z.object({ asset: assetNumber, cloid: clientOrderId })).min(1),
  }),
  modification.extend({ type: z.literal('modify') }),
  z.object({ type: z.literal('batchModify'), modifies: z.array(modification).min(1) }),
  z.object({ type: z.literal('scheduleCancel'), time: z.int().nullish() }),
  z.object({
    type: z.literal('updateLeverage'),
    asset: assetNumber,
    isCross: z.boolean(),
    leverage: z.int(),
  }),
  z.object({
    type: z.literal('updateIsolatedMargin'),
    asset: assetNumber,
    isBuy: z.boolean(),
    ntli: z.int(),
  }),
  z.object({ type: z.literal('noop') }),
]);
export type TradingAction = z.infer<typeof tradingActionSchema>;

/** The actions that say who may act for whom, and those of money that leaves: read only as far as they are answered. */
export const standingActionSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('approveAgent'), agentAddress: address, agentName: z.string().nullish() }),
  z.object({ type: z.literal('approveBuilderFee'), builder: address, maxFeeRate: z.string().regex(/^\d+(\.\d+)?%$/) }),
  z.object({ type: z.literal('setReferrer'), code: z.string() }),
  z.object({ type: z.literal('usdClassTransfer') }),
  z.object({ type: z.literal('withdraw3') }),
  z.object({ type: z.literal('usdSend') }),
  z.object({ type: z.literal('spotSend') }),
  z.object({ type: z.literal('sendAsset') }),
  z.object({ type: z.literal('vaultTransfer') }),
  z.object({ type: z.literal('userDexAbstraction') }),
  z.object({ type: z.literal('userSetAbstraction') }),
  z.object({ type: z.literal('agentSetAbstraction') }),
]);
export type StandingAction = z.infer<typeof standingActionSchema>;

/** A request of `/exchange`. The action is kept as it came: its keys' order is what was signed. */
export const exchangeRequestSchema = z.object({
  action: z.record(z.string(), z.unknown()),
  nonce: z.int().nonnegative(),
  signature: z.object({
    r: z.string().regex(/^0x[0-9a-f]{1,64}$/i),
    s: z.string().regex(/^0x[0-9a-f]{1,64}$/i),
    v: z.union([z.literal(27), z.literal(28), z.literal(0), z.literal(1)]),
  }),
  vaultAddress: z
    .string()
    .regex(/^(0x)?[0-9a-f]{40}$/i)
    .transform((text) => `0x${text.replace(/^0x/i, '').toLowerCase()}`)
    .nullish(),
  expiresAfter: z.int().nonnegative().nullish(),
});
export type ExchangeRequest = z.infer<typeof exchangeRequestSchema>;
