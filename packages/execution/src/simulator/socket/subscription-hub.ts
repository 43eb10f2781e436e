import type { ExchangeContext } from '../exchange-context.ts';
import type { InfoRequest } from '../info/info-request.ts';
import type { ExchangeChanges } from '../records/exchange-changes.ts';
import { accountTopics } from './account-topics.ts';
import { marketTopics } from './market-topics.ts';
import type { Subscription, SubscriptionTopic } from './subscription-topic.ts';

/** Who subscribes: one socket of one address of the internet. */
export interface Subscriber {
  readonly remote: string;
  push(channel: string, data: unknown): void;
}

interface Stream {
  readonly topic: SubscriptionTopic;
  readonly subscription: Subscription;
  readonly subscribers: Set<Subscriber>;
}

/** What becomes of a subscription: acknowledged, or the venue's words why not. */
export type SubscriptionOutcome = { readonly subscription: Subscription } | { readonly error: string };

/** All subscriptions of all sockets. Each message is made once, however many sockets get it. */
export class SubscriptionHub {
  readonly #context: ExchangeContext;
  readonly #topics: Readonly<Record<string, SubscriptionTopic>>;
  readonly #streams = new Map<string, Stream>();

  constructor(context: ExchangeContext) {
    this.#context = context;
    this.#topics = { ...marketTopics(context), ...accountTopics(context) };
  }

  subscribe(subscriber: Subscriber, request: InfoRequest): SubscriptionOutcome {
    const read = this.#read(request);
    if (read === undefined) return { error: `Invalid subscription ${JSON.stringify(request)}` };
    const { key, topic, subscription } = read;
    const stream = this.#streams.get(key) ?? { topic, subscription, subscribers: new Set() };
    if (stream.subscribers.has(subscriber)) return { error: `Already subscribed: ${JSON.stringify(subscription)}` };
    const limit = this.#limitReached(subscriber.remote, subscription);
    if (limit !== undefined) return { error: limit };
    stream.subscribers.add(subscriber);
    this.#streams.set(key, stream);
    return { subscription };
  }

  /** Sends a subscriber what a new subscription begins with. */
  begin(subscriber: Subscriber, subscription: Subscription): void {
    const topic = this.#topics[subscription.type];
    for (const data of topic?.initial(subscription) ?? []) subscriber.push(channelOf(topic, subscription), data);
  }

  unsubscribe(subscriber: Subscriber, request: InfoRequest): SubscriptionOutcome {
    const read = this.#read(request);
    if (read === undefined) return { error: `Invalid subscription ${JSON.stringify(request)}` };
    const stream = this.#streams.get(read.key);
    if (!stream?.subscribers.delete(subscriber)) {
      return { error: `Already unsubscribed: ${JSON.stringify(read.subscription)}` };
    }
    if (stream.subscribers.size === 0) this.#streams.delete(read.key);
    return { subscription: read.subscription };
  }

  /** Ends all of a socket's subscriptions. */
  leave(subscriber: Subscriber): void {
    for (const [key, stream] of this.#streams) {
      if (stream.subscribers.delete(subscriber) && stream.subscribers.size === 0) this.#streams.delete(key);
    }
  }

  /** Tells every subscriber what changed of what it watches. */
  publish(changes: ExchangeChanges): void {
    for (const { topic, subscription, subscribers } of [...this.#streams.values()]) {
      for (const data of topic.update(subscription, changes)) {
        for (const subscriber of [...subscribers]) subscriber.push(channelOf(topic, subscription), data);
      }
    }
  }

  #read(
    request: InfoRequest,
  ): { readonly key: string; readonly topic: SubscriptionTopic; readonly subscription: Subscription } | undefined {
    const type = String(request.type);
    const topic = Object.hasOwn(this.#topics, type) ? this.#topics[type] : undefined;
    const fields = topic?.read(request);
    if (topic === undefined || fields === undefined) return undefined;
    const subscription = { type, ...fields };
    return { key: JSON.stringify(subscription), topic, subscription };
  }

  #limitReached(remote: string, subscription: Subscription): string | undefined {
    const { limits } = this.#context.limiter;
    let count = 0;
    const users = new Set<unknown>();
    for (const stream of this.#streams.values()) {
      const mine = [...stream.subscribers].filter((subscriber) => subscriber.remote === remote).length;
      count += mine;
      if (mine > 0 && stream.subscription.user !== undefined) users.add(stream.subscription.user);
    }
    if (count >= limits.subscriptions) return `Cannot subscribe to more than ${limits.subscriptions} channels.`;
    if (subscription.user === undefined) return undefined;
    users.add(subscription.user);
    return users.size > limits.subscribedUsers
      ? `Cannot track more than ${limits.subscribedUsers} total users.`
      : undefined;
  }
}

const channelOf = (topic: SubscriptionTopic | undefined, subscription: Subscription): string =>
  topic?.channel ?? subscription.type;
