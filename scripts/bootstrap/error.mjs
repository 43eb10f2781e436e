/** A failure the user can act on: printed as one line, without a stack. */
export class BootstrapError extends Error {}

const causes = [
  [/EROFS|EACCES|EPERM|read-only file system|permission denied/i, 'no permission to write there'],
  [/ENOSPC|no space left/i, 'the disk is full'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|fetch failed|META_FETCH|error sending request|dns error|network/i,
    'the npm registry cannot be reached',
  ],
  [/OUTDATED_LOCKFILE/i, 'pnpm-lock.yaml does not match a package.json; run `pnpm install` and commit the lockfile'],
];

/** What most likely went wrong, read off a tool's output; its last line where nothing is recognised. */
export function causeOf(output) {
  const known = causes.find(([pattern]) => pattern.test(output));
  if (known) return known[1];
  const lines = output
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return lines.find((line) => /err/i.test(line)) ?? lines.at(-1) ?? 'no output';
}
