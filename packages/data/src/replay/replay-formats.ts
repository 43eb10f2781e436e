import { hyperliquidFormat } from './hyperliquid-format.ts';
import { leanFormat } from './lean-format.ts';
import type { ReplayFormat } from './replay-format.ts';
import { usdVolumeFormat } from './usd-volume-format.ts';

/** The formats a replay knows; the first that recognises a file reads it. */
export const replayFormats: readonly ReplayFormat[] = [hyperliquidFormat, leanFormat, usdVolumeFormat];
