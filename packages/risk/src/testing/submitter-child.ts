// Run by the kill switch's test: a process of its own that lets new orders pass as fast as it can and says when the last one did.
// Arguments: database URL, data directory, how long to run in ms.
import { mkdirSync } from 'node:fs';
import { SystemClock } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { orderReservation } from '../state/pending-entry.ts';
import { DurableTradingSwitch } from '../switch/durable-trading-switch.ts';
import { SharedLease } from '../switch/shared-lease.ts';
import { FakeDesk, orderNumber } from './fake-desk.ts';

const [url = '', directory = '', runMs = '0'] = process.argv.slice(2);
mkdirSync(directory, { recursive: true });
const clock = new SystemClock();
const database = await openDatabase({ url });
const tradingSwitch = new DurableTradingSwitch({ clock, directory, database });
await tradingSwitch.start();
const lease = new SharedLease({ clock, source: tradingSwitch });
await lease.start();
const desk = new FakeDesk();
desk.add();
const brix = desk.brix({ clock, tradingSwitch, lease: () => lease.held(), orderLimits: { entryMessages: 1_000_000 } });
const startedAtMs = clock.nowMs();
let [approved, lastAtMs, refusedAfter] = [0, 0, 0];
let code = '';
process.stdout.write('running\n');
for (let n = 0; clock.nowMs() - startedAtMs < Number(runMs); n += 1) {
  const intent = orderNumber(n);
  const decision = await brix.authorize(intent);
  if (decision.outcome === 'approved') {
    approved += 1;
    lastAtMs = clock.nowMs();
    refusedAfter = 0;
    await brix.release(orderReservation(intent.clientOrderId));
  } else {
    refusedAfter += 1;
    code = decision.rejection.code;
  }
  if (n % 20 === 0) await clock.sleep(1);
}
process.stdout.write(`${JSON.stringify({ approved, lastAtMs, refusedAfter, code })}\n`);
await lease.stop();
await tradingSwitch.stop();
await database.close();
