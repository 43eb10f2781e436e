import type { VenueHearing, VenueRequest } from './venue-protocol.ts';

/** What differs from venue to venue in serving a capture. */
export interface VenueDialect {
  hear(message: string): VenueHearing;
  /** The stream a captured frame belongs to; undefined for what is no market data. */
  streamOf(frame: Readonly<Record<string, unknown>>): string | undefined;
  /** What is sent of a captured frame. Default: its text. */
  wire?(text: string): string;
  /** What a request, or the URL that was captured, asks a whole book of; undefined when of none. */
  bookOf?(url: { readonly path: string; readonly query: URLSearchParams }): string | undefined;
  /** What is answered to other requests. */
  answer?(request: VenueRequest): unknown;
}

/** An object's field as text, where it is one. */
export const textField = (value: unknown, name: string): string => {
  const field: unknown = Reflect.get(Object(value), name);
  return typeof field === 'string' ? field : '';
};

/** The objects of a list. */
export const listField = (value: unknown, name: string): readonly unknown[] => {
  const field: unknown = Reflect.get(Object(value), name);
  return Array.isArray(field) ? field : [];
};
