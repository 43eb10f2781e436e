import type { ChatMessage, Proposal } from '@perpdesk/core';
import { useChat, useProposals } from '@perpdesk/react';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { ConfirmedButton } from './confirmed-button.tsx';
import { showMinute } from './format.ts';
import { Panel } from './panel.tsx';
import { ProposalCard } from './proposal-card.tsx';

/** As long as a question may be. */
const longestText = 4_000;

/** Questions to the desk and its answers with what they rest on. What an answer proposes is approved at its card, never by a text. */
export function ChatPanel() {
  const { messages, pending, status, error, ask, begin, forget } = useChat();
  const { data: proposals = [], stale } = useProposals();
  const [text, setText] = useState('');
  const [refusal, setRefusal] = useState<string>();
  const end = useRef<HTMLDivElement>(null);
  const field = useId();
  const shown = new Set(messages.map(({ proposalId }) => proposalId));
  const elsewhere = proposals.filter((proposal) => proposal.status === 'waiting' && !shown.has(proposal.id));
  const last = messages.at(-1)?.id;

  useEffect(() => {
    const log = end.current?.parentElement;
    log?.scrollTo({ top: log.scrollHeight });
  }, [last, pending]);

  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const question = text.trim();
    if (question === '' || pending !== undefined) return;
    setRefusal(undefined);
    setText('');
    ask(question).catch((reason: Error) => {
      setRefusal(reason.message);
      // Not asked: it is there to be asked again, unless another was written meanwhile.
      setText((written) => (written === '' ? question : written));
    });
  };

  return (
    <Panel
      title="Chat"
      className="chat"
      stale={stale}
      aside={
        messages.length > 0 && (
          <>
            <ConfirmedButton
              label="Forget"
              question="Forget all that you and the desk ever said here? Orders, proposals and the desk's journal stay."
              confirm="Forget all"
              keep="Keep"
              act={() => forget().then(() => undefined)}
            />
            <button type="button" onClick={begin}>
              New
            </button>
          </>
        )
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <div className="chat-log scroll" role="log" aria-label="Messages" tabIndex={0}>
        {messages.length === 0 && pending === undefined && (
          <p className="empty">
            {status === 'failed'
              ? `The conversation could not be fetched: ${error?.message}`
              : 'Ask what an agent thinks of a market, why there is a plan or none, or for an order. Nothing is done before you approve it.'}
          </p>
        )}
        {elsewhere.map((proposal) => (
          <ProposalCard key={proposal.id} proposal={proposal} stale={stale} />
        ))}
        {messages.map((message) => (
          <Message key={message.id} message={message} proposal={proposalOf(message, proposals)} stale={stale} />
        ))}
        {pending !== undefined && (
          <>
            <p className="said user">{pending}</p>
            <p className="muted said">The desk is looking …</p>
          </>
        )}
        <div ref={end} />
      </div>
      <form onSubmit={onSubmit}>
        <label className="hidden" htmlFor={field}>
          Ask the desk
        </label>
        <input
          id={field}
          type="text"
          autoComplete="off"
          maxLength={longestText}
          placeholder="Ask the desk"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="primary" disabled={pending !== undefined || text.trim() === ''}>
          Ask
        </button>
        {refusal !== undefined && (
          <p className="loss" role="alert">
            {refusal}
          </p>
        )}
      </form>
    </Panel>
  );
}

const proposalOf = ({ proposalId }: ChatMessage, proposals: readonly Proposal[]): Proposal | undefined =>
  proposals.find(({ id }) => id === proposalId);

function Message({
  message,
  proposal,
  stale,
}: {
  readonly message: ChatMessage;
  readonly proposal: Proposal | undefined;
  readonly stale: boolean;
}) {
  const { role, agents, text, citations, source, atMs } = message;
  const who = role === 'user' ? 'You' : agents.join(', ') || 'desk';
  return (
    <article className={`said ${role}`} data-testid="message">
      <header>
        <strong>{who}</strong>
        {source !== undefined && <span className="badge">{source}</span>}
        <time dateTime={new Date(atMs).toISOString()}>{showMinute(atMs)}</time>
      </header>
      <p>{text}</p>
      {citations.length > 0 && (
        <p className="citations">
          Rests on{' '}
          {citations.map(({ kind, id, atMs: citedAtMs }, index) => (
            <span key={`${index} ${id}`} title={id}>
              {index > 0 && ', '}
              {kind.replace('-', ' ')} of {showMinute(citedAtMs)}
            </span>
          ))}
        </p>
      )}
      {proposal && <ProposalCard proposal={proposal} stale={stale} />}
    </article>
  );
}
