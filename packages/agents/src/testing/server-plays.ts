import { gzipSync } from 'node:zlib';
import { answer, chunk, completion, type Handler, json, type SeenRequest } from './completion-server.ts';
import { answerTo } from './model-answer.ts';

/** What a server does to an agent that asks it, and what must come of it: an answer, or the code with which the agent falls back. */
export interface ServerPlay {
  readonly name: string;
  readonly play: Handler;
  readonly outcome: 'answered' | `model.${string}`;
}

const good = (seen: SeenRequest) => answerTo(seen.body.messages[1]?.content ?? '', 20);

/** Answers each question by a content made of a good answer. */
const says =
  (change: (good: ReturnType<typeof answerTo>) => unknown): Handler =>
  (response, seen) => {
    const content = change(good(seen));
    answer(typeof content === 'string' ? content : JSON.stringify(content))(response, seen);
  };

/** Whitespace for ever, in the form that was asked for. */
const drip: Handler = (response, { body }) => {
  const isStream = body.stream === true;
  response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
  const timer = setInterval(() => response.write(isStream ? chunk({ content: ' ' }) : ' '), 20);
  response.on('close', () => clearInterval(timer));
};

const cutOff: Handler = (response, { body }) => {
  const isStream = body.stream === true;
  response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
  response.write(isStream ? chunk({ content: '{"direction":' }) : '{"choices":[{', () => response.destroy());
};

const plain =
  (type: string, body: string): Handler =>
  (response) => {
    response.writeHead(200, { 'content-type': type }).end(body);
  };

const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));

/** Everything a server of models was seen to do, and some that it may. */
export const serverPlays: readonly ServerPlay[] = [
  { name: 'a good answer', outcome: 'answered', play: says((given) => given) },
  {
    name: 'a slow answer',
    outcome: 'answered',
    play: (response, seen) => {
      const timer = setTimeout(() => says((given) => given)(response, seen), 100);
      response.on('close', () => clearTimeout(timer));
    },
  },
  {
    name: 'another language',
    outcome: 'answered',
    play: says((given) => ({ ...given, reasoning: '趨勢與結構一致，動能支持多頭。' })),
  },
  { name: 'no answer at all', outcome: 'model.timeout', play: () => {} },
  {
    name: 'headers and no more',
    outcome: 'model.timeout',
    play: (response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    },
  },
  { name: 'a drip that never ends', outcome: 'model.timeout', play: drip },
  { name: '429 with Retry-After', outcome: 'model.unavailable', play: json(429, '{}', { 'retry-after': '30' }) },
  { name: '429 without', outcome: 'model.unavailable', play: json(429, '{"error":{"message":"slow down"}}') },
  { name: '500', outcome: 'model.unavailable', play: json(500, '{"error":{"message":"oops"}}') },
  {
    name: '503 as a page',
    outcome: 'model.unavailable',
    play: (response) => response.writeHead(503, { 'content-type': 'text/html' }).end('<html>'),
  },
  { name: '401', outcome: 'model.unavailable', play: json(401, '{"error":{"message":"wrong key"}}') },
  { name: 'a refusal', outcome: 'model.refused', play: answer(null, { refusal: 'I can not.' }) },
  { name: 'a content filter', outcome: 'model.refused', play: answer('{"dir', { finishReason: 'content_filter' }) },
  {
    name: 'truncated JSON',
    outcome: 'model.invalid-answer',
    play: (response, seen) =>
      answer(JSON.stringify(good(seen)).slice(0, -9), { finishReason: 'length' })(response, seen),
  },
  { name: 'a wrong schema', outcome: 'model.invalid-answer', play: says(() => ({ opinion: 'up' })) },
  { name: 'prose', outcome: 'model.invalid-answer', play: says(() => 'Sure! The market will rise.') },
  {
    name: 'components out of bounds',
    outcome: 'model.invalid-answer',
    play: says((given) => ({ ...given, components: { trend: 99 } })),
  },
  {
    name: 'an invented price',
    outcome: 'model.ungrounded',
    play: says((given) => ({ ...given, reasoning: 'It heads for 987654.' })),
  },
  {
    name: 'an invented level',
    outcome: 'model.ungrounded',
    play: says((given) => ({ ...given, keyLevels: [{ kind: 'support', price: 1 }] })),
  },
  {
    name: 'levels the wrong way round',
    outcome: 'model.ungrounded',
    play: says((given) => ({
      ...given,
      keyLevels: given.keyLevels.map(({ kind, price }) => ({
        kind: kind === 'support' ? 'resistance' : 'support',
        price,
      })),
    })),
  },
  {
    name: 'invented evidence',
    outcome: 'model.ungrounded',
    play: says((given) => ({ ...given, evidence: [{ feature: 'momentum.magic', value: 1 }] })),
  },
  {
    name: 'digits of another script',
    outcome: 'model.ungrounded',
    play: says((given) => ({ ...given, reasoning: 'السعر يصل إلى ٩٩٩٠٠٠ قريبا.' })),
  },
  {
    name: 'a direction against its components',
    outcome: 'model.inconsistent',
    play: says((given) => ({ ...given, direction: 'short' })),
  },
  {
    name: 'NaN',
    outcome: 'model.invalid-answer',
    play: says((given) => JSON.stringify(given).replace(/:20\b/, ':NaN')),
  },
  {
    name: 'Infinity',
    outcome: 'model.invalid-answer',
    play: says((given) => JSON.stringify(given).replace(/:20\b/, ':1e999')),
  },
  {
    name: '200 KB of answer',
    outcome: 'model.invalid-answer',
    play: says((given) => ({ ...given, reasoning: 'x'.repeat(200_000) })),
  },
  {
    name: '50 MB in 50 KB',
    outcome: 'model.invalid-answer',
    play: (response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb),
  },
  { name: 'an empty answer', outcome: 'model.invalid-answer', play: answer('') },
  { name: 'an empty body', outcome: 'model.invalid-answer', play: json(200, '') },
  { name: 'no choices', outcome: 'model.invalid-answer', play: json(200, '{"choices":[]}') },
  {
    name: 'an error with status 200',
    outcome: 'model.invalid-answer',
    play: json(200, '{"error":{"message":"oops"}}'),
  },
  { name: 'a page', outcome: 'model.invalid-answer', play: plain('text/html', '<html>') },
  {
    name: 'a completion that says it is text',
    outcome: 'answered',
    play: (response, seen) => plain('text/plain', completion(JSON.stringify(good(seen))))(response, seen),
  },
  { name: 'a connection lost before a word', outcome: 'model.unavailable', play: (response) => response.destroy() },
  { name: 'a connection lost in the middle', outcome: 'model.unavailable', play: cutOff },
];
