import type { Position, Protection } from '@perpdesk/core';

/** A position with the orders that protect it. */
export type HeldPosition = Position & { readonly protection: Protection };
