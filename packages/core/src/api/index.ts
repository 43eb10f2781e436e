// The HTTP and SSE contract of the product, for servers and clients. Browser-safe.
export * from './contract.ts';
export { type DecisionReview, decisionReviewSchema } from './decision-review.ts';
export { type CallOptions, DeskClient, type DeskClientOptions } from './desk-client.ts';
export { DeskRequestError } from './desk-request-error.ts';
export type { EventSourceLike, StreamListener } from './desk-stream.ts';
