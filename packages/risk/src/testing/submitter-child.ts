// Run by the kill switch's tests: a process of its own that sends new orders as fast as it can. Arguments: database URL, data
// directory. It says `running` when orders go out and `refusing` when they have ceased; `cut` makes it lose its database, `end` makes
// it tell what it sent and go.
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { SystemClock } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { orderReservation } from '../state/pending-entry.ts';
import { DurableTradingSwitch } from '../switch/durable-trading-switch.ts';
import { SharedLease } from '../switch/shared-lease.ts';
import { FakeDesk, orderNumber } from './fake-desk.ts';

/** How many of a kind in a row are worth saying. */
const enough = 50;
/** An order of the same content is a duplicate for a while: after so many the next user's come. */
const [contents, users] = [2_000, 100];

const [url = '', directory = ''] = process.argv.slice(2);
mkdirSync(directory, { recursive: true });
const clock = new SystemClock();
const database = await openDatabase({ url });
const tradingSwitch = new DurableTradingSwitch({ clock, directory, database });
await tradingSwitch.start();
const lease = new SharedLease({ clock, source: tradingSwitch });
await lease.start();
const desk = new FakeDesk();
for (let n = 0; n < users; n += 1) desk.add({ id: `user-${n}` });
const brix = desk.brix({ clock, tradingSwitch, lease: () => lease.held(), orderLimits: { entryMessages: 1_000_000 } });

let ended = false;
createInterface({ input: process.stdin }).on('line', (command) => {
  if (command === 'cut') void database.close();
  if (command === 'end') ended = true;
});
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

let [sent, lastAtMs, inARow, code] = [0, 0, 0, ''];
for (let n = 0; !ended; n += 1) {
  const intent = orderNumber(n, { userId: `user-${Math.floor(n / contents) % users}` });
  const decision = await brix.authorize(intent);
  // Read before the last question is asked, so that a pause of this process makes it no later than the answer was.
  const atMs = clock.nowMs();
  const rejection = decision.outcome === 'approved' ? brix.mayLeave(intent) : decision.rejection;
  if (decision.outcome === 'approved') await brix.release(orderReservation(intent.clientOrderId));
  const before = code;
  code = rejection?.code ?? '';
  inARow = (code === '') === (before === '') ? inARow + 1 : 1;
  if (rejection === undefined) {
    sent += 1;
    lastAtMs = atMs;
  }
  if (inARow === enough) say({ now: rejection === undefined ? 'running' : 'refusing' });
  if (n % 20 === 0) await clock.sleep(1);
}
say({ sent, lastAtMs, code });
await lease.stop();
await tradingSwitch.stop();
await database.close();
process.exit(0);
