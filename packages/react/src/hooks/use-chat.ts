'use client';
import type { ChatMessage } from '@perpdesk/core';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useDeskStore } from '../provider.tsx';
import type { DeskState } from '../store/desk-state.ts';
import type { DeskStore } from '../store/desk-store.ts';
import { useDesk } from './use-desk.ts';

/** A conversation with the desk. */
export interface Chat {
  readonly status: 'loading' | 'ready' | 'failed';
  /** Absent until something was said in it. */
  readonly conversationId?: string;
  /** The last of it, oldest first. */
  readonly messages: readonly ChatMessage[];
  /** Why it could not be fetched. */
  readonly error?: Error;
  /** What was asked and is not answered yet. */
  readonly pending?: string;
  /**
   * Asks in this conversation, one question at a time; resolves with the answer. What it proposes waits among the proposals: no text approves it.
   * Rejects with a DeskRequestError that says why, such as `chat.rate`.
   */
  readonly ask: (text: string) => Promise<ChatMessage>;
  /** Has the desk forget all that the user and it ever said, in every conversation, and begins a new one. Proposals stay. */
  readonly forget: () => Promise<void>;
  /** Begins a new conversation with the next question. */
  readonly begin: () => void;
}

interface Said {
  readonly status: Chat['status'];
  readonly conversationId?: string;
  readonly messages: readonly ChatMessage[];
  readonly error?: Error;
}

const fresh: Said = { status: 'ready', messages: [] };

/** The user's newest conversation with the desk, or a new one. */
export function useChat(): Chat {
  const store = useDeskStore();
  const epoch = useDesk(epochOf);
  const [said, setSaid] = useState<Said>({ status: 'loading', messages: [] });
  const [pending, setPending] = useState<string>();
  // What a question belongs to: another conversation was begun meanwhile, or the page has gone on.
  const place = useRef<{ conversationId?: string | undefined }>({});
  const begun = useRef(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new epoch is the reason to fetch again
  useEffect(() => {
    const { current } = place;
    if (begun.current && current.conversationId === undefined) return;
    const abort = new AbortController();
    read(store, current.conversationId, abort.signal).then(
      (next) => {
        if (abort.signal.aborted || place.current !== current) return;
        current.conversationId = next.conversationId;
        setSaid(next);
      },
      (error: Error) => {
        if (!abort.signal.aborted && place.current === current)
          setSaid((before) => ({ ...before, status: 'failed', error }));
      },
    );
    return () => abort.abort();
  }, [store, epoch]);

  const ask = useCallback(
    async (text: string): Promise<ChatMessage> => {
      const { current } = place;
      const { conversationId } = current;
      setPending(text);
      try {
        const answer = await store.client.ask({ text, ...(conversationId === undefined ? {} : { conversationId }) });
        current.conversationId = answer.conversationId;
        store.refresh(['/proposals']);
        const next = await read(store, answer.conversationId).catch(() => undefined);
        if (place.current === current)
          setSaid(
            (before) =>
              next ?? { ...fresh, conversationId: answer.conversationId, messages: [...before.messages, answer] },
          );
        return answer;
      } finally {
        if (place.current === current) setPending(undefined);
      }
    },
    [store],
  );
  const begin = useCallback(() => {
    place.current = {};
    begun.current = true;
    setPending(undefined);
    setSaid(fresh);
  }, []);
  const forget = useCallback(async (): Promise<void> => {
    await store.client.forgetChat();
    begin();
  }, [store, begin]);
  return useMemo(
    () => ({ ...said, ...(pending === undefined ? {} : { pending }), ask, begin, forget }),
    [said, pending, ask, begin, forget],
  );
}

/** A conversation, or the newest there is. */
async function read({ client }: DeskStore, id: string | undefined, signal?: AbortSignal): Promise<Said> {
  const options = signal === undefined ? {} : { signal };
  const conversationId = id ?? (await client.get('/conversations', {}, options))[0]?.id;
  if (conversationId === undefined) return fresh;
  return {
    status: 'ready',
    conversationId,
    messages: await client.get('/conversation', { id: conversationId }, options),
  };
}

const epochOf = (state: DeskState): number => state.epoch;
