/**
 * Looks for planted canary secrets in what was printed, stored or thrown: raw, JSON-escaped, percent-encoded, hexadecimal,
 * base64 and base64url (also inside a longer encoded text). Returns `<form> of secret <index>` for each found; a test
 * expects none. It shares no code with the redactor it judges.
 */
export function findSecrets(text: string, secrets: readonly string[]): readonly string[] {
  const found: string[] = [];
  const lower = text.toLowerCase();
  for (const [index, secret] of secrets.entries()) {
    const bytes = Buffer.from(secret, 'utf8');
    const forms: Record<string, boolean> = {
      raw: text.includes(secret),
      json: text.includes(JSON.stringify(secret).slice(1, -1)),
      url: text.includes(encodeURIComponent(secret)),
      form: text.includes(String(new URLSearchParams([['', secret]])).slice(1)),
      hex: lower.includes(bytes.toString('hex')),
      base64: decodesTo(text.replaceAll('-', '+').replaceAll('_', '/'), secret),
    };
    for (const [form, present] of Object.entries(forms)) if (present) found.push(`${form} of secret ${index}`);
  }
  return found;
}

/** Decodes every run of base64 digits at each of its four alignments. */
function decodesTo(text: string, secret: string): boolean {
  for (const [run] of text.matchAll(/[A-Za-z0-9+/]{6,}/g)) {
    for (let skip = 0; skip < 4; skip += 1) {
      if (Buffer.from(run.slice(skip), 'base64').toString('latin1').includes(Buffer.from(secret).toString('latin1')))
        return true;
    }
  }
  return false;
}
