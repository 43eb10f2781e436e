import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import {
  type CaptureComparison,
  coinmCapture,
  usdmCapture,
} from '../packages/data/src/testing/venue-server/binance-captures.ts';

// The whole of the Binance captures at full depth, served by the local venue to the real ccxt code, compared with a count
// made straight from the frames: `pnpm campaign raw-captures`.

const fixtures = process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../shared/fixtures', import.meta.url));
const raw = join(fixtures, 'raw-ws');

function print(title: string, { sent, told, counted }: CaptureComparison): boolean {
  const holds = isDeepStrictEqual(told, counted);
  console.log(`\n${title}: ${holds ? 'equal' : 'NOT equal'}; sent ${JSON.stringify(sent)}`);
  const rows = {
    trades: (of: CaptureComparison['told']) => of.tally?.trades,
    'sum of sizes': (of: CaptureComparison['told']) => of.tally?.size,
    'sum of price × size': (of: CaptureComparison['told']) => of.tally?.value,
    'book deltas': (of: CaptureComparison['told']) => of.deltas,
    'levels at the end': (of: CaptureComparison['told']) =>
      of.levels ? of.levels.bids.length + of.levels.asks.length : 0,
    'gaps and refusals': (of: CaptureComparison['told']) => of.flaws,
  };
  for (const [name, pick] of Object.entries(rows)) {
    console.log(`  ${name.padEnd(22)}${String(pick(told)).padStart(24)}${String(pick(counted)).padStart(24)}`);
  }
  return holds;
}

if (!existsSync(raw)) {
  console.log(`No raw captures at ${fixtures}; set PERPDESK_FIXTURES.`);
  process.exitCode = 1;
} else {
  const usdm = print('USDⓈ-M, 93,954 lines, through CcxtFeed', await usdmCapture(raw));
  const coinm = print('COIN-M, 98,386 lines, through ccxt', await coinmCapture(raw));
  if (!usdm || !coinm) process.exitCode = 1;
}
