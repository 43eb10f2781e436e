import { type ReactNode, useId, useRef, useState } from 'react';

/**
 * A button whose act has to be confirmed, in a modal dialog of the platform's: it keeps the focus, which begins on the
 * harmless answer, Escape gives that answer, and the focus goes back to the button. A refusal is said in it.
 */
export function ConfirmedButton({
  label,
  question,
  confirm,
  keep,
  act,
  className = '',
  disabled = false,
}: {
  readonly label: ReactNode;
  readonly question: string;
  readonly confirm: string;
  readonly keep: string;
  /** Resolves with why it did not happen; undefined when it did. */
  readonly act: () => Promise<string | undefined>;
  readonly className?: string;
  readonly disabled?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [acting, setActing] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const id = useId();

  const ask = (): void => {
    setRefusal(undefined);
    dialog.current?.showModal();
  };
  const answer = (reason: string | undefined): void => {
    setActing(false);
    setRefusal(reason);
    if (reason === undefined) dialog.current?.close();
  };
  const onConfirm = (): void => {
    setActing(true);
    setRefusal(undefined);
    act().then(answer, (error: Error) => answer(error.message));
  };

  return (
    <>
      <button type="button" className={className} disabled={disabled} onClick={ask}>
        {label}
      </button>
      <dialog ref={dialog} role="alertdialog" aria-labelledby={id}>
        <p id={id}>{question}</p>
        {refusal !== undefined && (
          <p className="loss" role="alert">
            {refusal}
          </p>
        )}
        <div className="actions">
          {/* The first button has the focus when the dialog opens. */}
          <button type="button" onClick={() => dialog.current?.close()}>
            {keep}
          </button>
          <button type="button" className="danger" disabled={acting} onClick={onConfirm}>
            {acting ? 'Sending …' : confirm}
          </button>
        </div>
      </dialog>
    </>
  );
}
