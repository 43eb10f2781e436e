import { showWallClock } from './format.ts';

/** Until when an answer is waited for, on the wall clock, and why one was refused. */
export function AnswerBy({
  expiresAtMs,
  stale,
  refusal,
}: {
  readonly expiresAtMs: number;
  readonly stale: boolean;
  readonly refusal: string | undefined;
}) {
  return (
    <>
      <span className="muted">{stale ? 'Offline: this may have changed.' : `until ${showWallClock(expiresAtMs)}`}</span>
      {refusal !== undefined && (
        <span className="loss" role="alert">
          {refusal}
        </span>
      )}
    </>
  );
}
