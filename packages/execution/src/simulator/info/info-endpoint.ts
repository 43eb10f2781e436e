import type { ExchangeContext } from '../exchange-context.ts';
import { answerWeight, infoWeight } from '../limits/request-weight.ts';
import { jsonAnswer, tooManyRequests, unreadable, type WireAnswer } from '../wire/wire-answer.ts';
import { accountInfo } from './account-info.ts';
import type { InfoHandler, InfoRequest } from './info-request.ts';
import { marketInfo } from './market-info.ts';
import { spotInfo } from './spot-info.ts';
import { standingInfo } from './standing-info.ts';
import { webDataInfo } from './web-data.ts';

/** Answers `POST /info` and the info requests of sockets. */
export class InfoEndpoint {
  readonly #context: ExchangeContext;
  readonly #handlers: Readonly<Record<string, InfoHandler>>;

  constructor(context: ExchangeContext) {
    this.#context = context;
    this.#handlers = {
      ...marketInfo(context),
      ...accountInfo(context),
      ...standingInfo(context),
      ...spotInfo(),
      ...webDataInfo(context),
    };
  }

  /** @param remote The address that asks, whose limit it counts against. */
  answer(request: InfoRequest, remote: string): WireAnswer {
    const type = String(request.type);
    const handler = Object.hasOwn(this.#handlers, type) ? this.#handlers[type] : undefined;
    if (!this.#context.limiter.takeWeight(remote, infoWeight(type))) return tooManyRequests;
    const value = handler?.(request);
    if (value === undefined) return unreadable;
    if (Array.isArray(value)) this.#context.limiter.addWeight(remote, answerWeight(type, value.length));
    return jsonAnswer(value);
  }
}
