import { ProposalDesk } from '@perpdesk/agents';
import {
  type ActionPort,
  MemoryEventBus,
  type ProposedAction,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  toPrice,
  toSize,
} from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';

const clock = new SimulatedClock({ startAtMs: Date.UTC(2026, 10, 26, 14) });
const random = new SeededRandom('proposals');
const eventBus = new MemoryEventBus({ clock, ids: new SortableIdGenerator({ clock, random }) });
const database = await openDatabase({ url: 'sqlite::memory:' });

// By hand: a desk has Brix judge the order and sends it, once for each proposal.
const actions: ActionPort = { act: async ({ summary }) => ({ outcome: 'done', detail: `Sent. ${summary}` }) };
let mid = 60_000;
const proposals = new ProposalDesk({ database, eventBus, actions, mid: () => mid, wallClock: clock });
await proposals.start();

const order: ProposedAction = {
  kind: 'place-order',
  instrumentId: 'BTC-PERP@hyperliquid',
  side: 'buy',
  type: 'limit',
  size: toSize('0.1'),
  price: toPrice('59500'),
  stopLoss: toPrice('59000'),
  takeProfits: [],
};
const first = await proposals.propose('ada', 'chat', order);
console.log(first.status, first.summary);

const refusal = (error: { code: string }) => error.code;
console.log('another user:', await proposals.approve('bob', first.id, first.contentHash).catch(refusal));
console.log('another hash:', await proposals.approve('ada', first.id, '0'.repeat(64)).catch(refusal));
console.log('its user, its hash:', (await proposals.approve('ada', first.id, first.contentHash)).status);
console.log('again:', await proposals.approve('ada', first.id, first.contentHash).catch(refusal));

const second = await proposals.propose('ada', 'chat', order);
mid = 60_400;
console.log('0.67 % further on:', await proposals.approve('ada', second.id, second.contentHash).catch(refusal));

await proposals.stop();
await database.close();
