// The HTTP and SSE contract of the product, for servers and clients. Browser-safe.
export * from './contract.ts';
export { DeskClient, type DeskClientOptions, DeskRequestError, type EventSourceLike, type StreamListener } from './desk-client.ts';
