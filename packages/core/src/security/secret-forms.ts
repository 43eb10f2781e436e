/** Secrets shorter than this are not looked for: they would be found everywhere. */
const shortestSecret = 4;

/**
 * The forms in which a secret shows up in texts: as it is, as JSON escapes it, percent-encoded, in base64 and base64url (at
 * each of the three alignments that it has inside a longer text), in hexadecimal of either case. Longest first.
 */
export function formsOf(secret: string): readonly string[] {
  if (secret.length < shortestSecret) return [];
  const hex = Buffer.from(secret).toString('hex');
  const forms = new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams({ s: secret }).toString().slice(2),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].flatMap((offset) => inBase64(secret, offset)),
  ]);
  return [...forms].filter((form) => form.length >= shortestSecret).sort((a, b) => b.length - a.length);
}

/** The base64 digits that depend on the secret alone when `offset` bytes stand before it. */
function inBase64(secret: string, offset: number): readonly string[] {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor((bytes.length * 8) / 6);
  return (['base64', 'base64url'] as const).map((encoding) => bytes.toString(encoding).slice(first, last));
}
