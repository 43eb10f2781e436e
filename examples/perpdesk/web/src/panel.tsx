import type { ResourceResult } from '@perpdesk/react';
import { type ReactNode, useId } from 'react';

/** A titled part of the page. `scroll`: its content scrolls within it, by keyboard too. */
export function Panel({
  title,
  aside,
  children,
  className = '',
  scroll = false,
  stale = false,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
  readonly scroll?: boolean;
  /** What it shows may have changed since. */
  readonly stale?: boolean;
}) {
  const id = useId();
  return (
    <section
      className={`panel ${scroll ? 'scroll' : ''} ${className}`}
      aria-labelledby={id}
      {...(scroll ? { tabIndex: 0 } : {})}
    >
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {stale && <span className="badge down">stale</span>}
        {aside}
      </header>
      {children}
    </section>
  );
}

/** What a panel says instead of content. */
export function Empty({ children }: { readonly children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

/** Says that something is being fetched or could not be; nothing when it is there. */
export function Condition({
  of: { status, data, error },
  name,
}: {
  readonly of: ResourceResult<unknown>;
  readonly name: string;
}) {
  if (status === 'failed') {
    return (
      <p className="empty loss" role="alert">
        {name} could not be fetched{data === undefined ? '' : ' again, these are old'}: {error?.message}
      </p>
    );
  }
  if (status === 'loading') return <Empty>Fetching {name.toLowerCase()} …</Empty>;
  return null;
}
