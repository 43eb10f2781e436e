import type { SeededRandom } from '@perpdesk/core';

/** A text with some of it cut out, doubled or replaced. */
export function mutated(text: string, random: SeededRandom): string {
  const pieces = ['"', '-', '1e999', 'null', '{}', '[]', 'NaN', '0', '"x"', '\\u0000', ',', '9'.repeat(400)];
  let result = text;
  const times = 1 + Math.floor(random.next() * 3);
  for (let index = 0; index < times; index += 1) {
    const at = Math.floor(random.next() * result.length);
    const until = at + Math.floor(random.next() * 12);
    const piece = random.next() < 0.5 ? '' : (pieces[Math.floor(random.next() * pieces.length)] ?? '');
    result = result.slice(0, at) + piece + result.slice(until);
  }
  return result;
}
