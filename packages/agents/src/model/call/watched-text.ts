import type { ModelCallOptions } from '@perpdesk/core';

/** Options for asking again: whoever watches is told to begin anew once something was heard. */
export function watchedText(options: ModelCallOptions): {
  readonly options: ModelCallOptions;
  /** To be called before each question. */
  begin(): void;
} {
  const { onText } = options;
  if (onText === undefined) return { options, begin: () => undefined };
  let heard = false;
  const listen = (piece: string): void => {
    heard = true;
    onText(piece);
  };
  return {
    options: { ...options, onText: listen },
    begin: () => {
      if (heard) onText('');
      heard = false;
    },
  };
}
