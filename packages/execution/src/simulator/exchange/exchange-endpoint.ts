import type { ExchangeContext } from '../exchange-context.ts';
import { actionWeight } from '../limits/request-weight.ts';
import { isUserSigned, recoverSigner } from '../signing/recover-signer.ts';
import { refused, tooManyRequests, unreadable, type WireAnswer } from '../wire/wire-answer.ts';
import {
  type ExchangeRequest,
  exchangeRequestSchema,
  standingActionSchema,
  tradingActionSchema,
} from './action-schemas.ts';
import { standingAction } from './standing-actions.ts';
import { batchOf, tradingAction } from './trading-actions.ts';
import { type UnwantedAction, unwantedKind } from './unwanted-actions.ts';

/** What the exchange takes: all, post-only orders as after a network upgrade, or nothing but cancellations. */
export type TradingMode = 'open' | 'post-only' | 'halted';

/** Options of {@link ExchangeEndpoint}. */
export interface ExchangeEndpointOptions {
  readonly context: ExchangeContext;
  /** Which network's signatures count. */
  readonly network: 'mainnet' | 'testnet';
}

/** Answers `POST /exchange` and the action requests of sockets: who signed, may they, and what becomes of it. */
export class ExchangeEndpoint {
  /** What clients sent that a trading client has no business sending, oldest first. */
  readonly unwanted: UnwantedAction[] = [];
  mode: TradingMode = 'open';
  readonly #context: ExchangeContext;
  readonly #network: 'mainnet' | 'testnet';

  constructor(options: ExchangeEndpointOptions) {
    this.#context = options.context;
    this.#network = options.network;
  }

  /** @param remote The address of the internet that asks; undefined for a socket, whose messages are counted instead. */
  answer(body: unknown, remote: string | undefined): WireAnswer {
    const read = exchangeRequestSchema.safeParse(body);
    if (!read.success) return unreadable;
    const request = read.data;
    const trading = tradingActionSchema.safeParse(request.action);
    const standing = trading.success ? undefined : standingActionSchema.safeParse(request.action);
    if (!trading.success && !standing?.success) return unreadable;
    const { limiter, clock } = this.#context;
    const batch = trading.success ? batchOf(trading.data) : 1;
    if (remote !== undefined && !limiter.takeWeight(remote, actionWeight(batch))) return tooManyRequests;

    const account = this.#authorise(request);
    if (typeof account === 'object') return account;
    const kind = unwantedKind(request.action);
    if (kind !== undefined) this.unwanted.push({ kind, account, action: request.action, atMs: clock.nowMs() });
    if (standing?.success) return standingAction(this.#context, account, standing.data);
    if (!trading.success) return unreadable;
    const tooMany = limiter.takeActions(account, batch, this.#context.records.traded(account).toNumber());
    if (tooMany !== undefined) return refused(tooMany);
    return this.#modeRefusal(trading.data) ?? tradingAction(this.#context, account, trading.data);
  }

  /** The account a request acts for, or the answer that refuses it. */
  #authorise(request: ExchangeRequest): string | WireAnswer {
    const { directory, clock } = this.#context;
    const nowMs = clock.nowMs();
    const signer = recoverSigner(
      {
        action: request.action,
        nonce: request.nonce,
        signature: request.signature,
        vaultAddress: request.vaultAddress ?? undefined,
        expiresAfter: request.expiresAfter ?? undefined,
      },
      this.#network,
    );
    if (signer === undefined) return unreadable;
    const own = directory.accountOf(signer, nowMs);
    if (isUserSigned(request.action)) {
      if (!directory.exists(signer)) return refused(`Must deposit before performing actions. User: ${signer}`);
      if (request.action.nonce !== request.nonce && request.action.time !== request.nonce) {
        return refused(`Invalid nonce: ${request.nonce} is not the nonce that was signed`);
      }
    }
    if (own === undefined) return refused(`User or API Wallet ${signer} does not exist.`);
    if (request.expiresAfter != null && nowMs > request.expiresAfter) {
      return refused(`Action expired: it was to be done until ${request.expiresAfter}, it is ${nowMs}.`);
    }
    const nonce = directory.useNonce(signer, request.nonce, nowMs);
    if (nonce !== undefined) return refused(nonce);
    if (request.vaultAddress == null) return own;
    const leader = directory.leaderOf(request.vaultAddress);
    if (leader === undefined) return refused(`Vault not registered: ${request.vaultAddress}`);
    return leader === own ? request.vaultAddress : refused(`Unauthorized vault action by ${own}.`);
  }

  #modeRefusal(action: ReturnType<typeof tradingActionSchema.parse>): WireAnswer | undefined {
    if (this.mode === 'open') return undefined;
    const orders =
      action.type === 'order'
        ? action.orders
        : action.type === 'modify'
          ? [action.order]
          : action.type === 'batchModify'
            ? action.modifies.map((each) => each.order)
            : [];
    if (orders.length === 0) return undefined;
    if (this.mode === 'halted') return refused('Trading is halted.');
    const onlyPost = orders.every((order) => 'limit' in order.t && order.t.limit.tif === 'Alo');
    return onlyPost ? undefined : refused('Only post-only orders allowed immediately after a network upgrade');
  }
}
