import type { Clock, Opinion, SensingAgent, Turn, TurnRequest } from '@perpdesk/core';

/** What an agent says when it can not speak for itself: its opinion, as it stands. */
export function restate(opinion: Opinion, index: number): Turn {
  const { agent, direction, confidence, keyLevels, reasoning, evidence, source } = opinion;
  return { index, agent, direction, confidence, keyLevels, reasoning, evidence, source };
}

/** A turn, and why the agent did not take it itself, where it did not. */
export interface Spoken {
  readonly turn: Turn;
  readonly failure?: { readonly code: 'turn.timeout' | 'turn.failed'; readonly message: string };
}

/**
 * Lets an agent take its turn within `allowedMs` of `wallClock`; after that, or when it throws, its opinion speaks for it.
 * Never rejects.
 */
export async function speak(
  agent: SensingAgent,
  request: TurnRequest,
  { wallClock, allowedMs }: { readonly wallClock: Clock; readonly allowedMs: number },
): Promise<Spoken> {
  const index = request.transcript.length;
  if (allowedMs <= 0) return timeout();
  const abort = new AbortController();
  let cancelTimer = (): void => {};
  const late = new Promise<'late'>((resolve) => {
    cancelTimer = wallClock.setTimer(allowedMs, () => resolve('late'));
  });
  try {
    const turn = await Promise.race([agent.debate(request, { signal: abort.signal }), late]);
    if (turn === 'late') {
      abort.abort();
      return timeout();
    }
    return { turn: { ...turn, agent: agent.name, index } };
  } catch (error) {
    return {
      turn: restate(request.opinion, index),
      failure: { code: 'turn.failed', message: error instanceof Error ? error.message : String(error) },
    };
  } finally {
    cancelTimer();
  }

  function timeout(): Spoken {
    return {
      turn: restate(request.opinion, index),
      failure: { code: 'turn.timeout', message: `${agent.name} did not answer in ${Math.max(0, allowedMs)} ms.` },
    };
  }
}
