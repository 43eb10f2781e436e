const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** What {@link crc32Of} begins with. */
export const crc32Start = -1;

/** Adds the characters of an ASCII text to a running CRC-32 (ISO 3309, polynomial 0xEDB88320). */
export function crc32Add(running: number, text: string): number {
  let crc = running;
  for (let i = 0; i < text.length; i += 1) crc = (table[(crc ^ text.charCodeAt(i)) & 0xff] as number) ^ (crc >>> 8);
  return crc;
}

/** The CRC-32 of what was added, as a signed 32-bit integer. */
export const crc32Of = (running: number): number => ~running;
