/** What keys and tokens look like wherever they come from: `sk-…` and its kin, bearer headers, JSON Web Tokens, private keys in hexadecimal and PEM. */
const shapes = new RegExp(
  [
    '\\b(?:sk|pk|rk|xai|gsk|or)-[A-Za-z0-9_-]{16,}',
    '\\b[Bb]earer\\s+[A-Za-z0-9._~+/-]{16,}=*',
    '\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*',
    '\\b(?:0x)?[0-9a-fA-F]{64}\\b',
    '-----BEGIN [A-Z ]*PRIVATE KEY-----[\\s\\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)',
  ].join('|'),
  'g',
);

/** A text without what looks like a credential: somebody may have put one into a chat. */
export const maskCredentials = (text: string): string => text.replace(shapes, '[secret]');
