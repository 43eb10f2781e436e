/** When something happened, or came in where a venue's clock runs ahead: no instant that features are made of lies in the future. */
export const heardAtMs = (moments: { readonly exchangeAtMs: number; readonly receivedAtMs: number }): number =>
  Math.min(moments.exchangeAtMs, moments.receivedAtMs);
