import { Decimal } from '@perpdesk/core';
import type { ChatCommand } from './chat-command.ts';
import type { Question } from './question.ts';
import { readPercent, readPrice, readSize } from './read-number.ts';

/** What makes another order of an order, or none. */
const conditions =
  /\b(?:if|when|whenever|unless|once|until|after|before|while|only|except|or|not|never|don'?t|do not|no|stop(?:s|ped)? (?:me|trading)|should|would|could|maybe|perhaps|what if|hypothetical\w*|example|suppose|imagine)\b/;

const buying = /\b(?:buy|buying|long|bid)\b/;
const selling = /\b(?:sell|selling|short)\b/;

/**
 * Whether a model's reading of a command is all in the user's own words: each number once and all of them, the market, the side, the names.
 * A command of which a part was made up, or left out, is no command.
 */
export function isGrounded(command: ChatCommand, question: Question): boolean {
  const { plain, words, markets } = question;
  if (conditions.test(plain)) return false;
  const said = (word: string): boolean =>
    words.some((each) => each.toLowerCase().replace(/^@/, '').replace(/'s$/, '') === word);
  switch (command.kind) {
    case 'place-order': {
      const { market, side, type, size, dollars, price, stopLoss, takeProfits, venue, leverage } = command;
      const numbers = [
        size,
        dollars,
        price,
        stopLoss,
        leverage,
        ...takeProfits.flatMap((target) => [target.price, target.percent]),
      ];
      const isSaid =
        side === null ||
        (side === 'buy' ? buying.test(plain) && !selling.test(plain) : selling.test(plain) && !buying.test(plain));
      const isTyped = type !== 'market' || /\bmarket\b/.test(plain);
      return (
        isMarket(market, markets) &&
        isSaid &&
        isTyped &&
        isName(venue, said) &&
        isLeverage(leverage, plain) &&
        areTheNumbers(numbers, question)
      );
    }
    case 'close-position': {
      const { market, direction, percent, venue } = command;
      const share = shareOf(plain, percent);
      return (
        isMarket(market, markets) &&
        (direction === null || said(direction)) &&
        isName(venue, said) &&
        share !== undefined &&
        areTheNumbers(share, question)
      );
    }
    case 'cancel-order':
      return (
        isMarket(command.market, markets) && (command.order === null || said(command.order)) && /\bcancel\b/.test(plain)
      );
    case 'pause-entries':
      return /\b(?:pause|stop|halt)\b/.test(plain);
    case 'resume-entries':
      return /\b(?:resume|unpause|restart|continue)\b/.test(plain);
    case 'set-autonomy': {
      const { agent, autonomy } = command;
      return (
        isName(agent, said) &&
        autonomy !== null &&
        plain.replaceAll(' ', '-').includes(autonomy) &&
        areTheNumbers([], question)
      );
    }
    case 'set-limits':
      return (
        command.value !== null &&
        areTheNumbers([command.value], question) &&
        (command.unit === 'percent') === plain.includes('%')
      );
    case 'set-preferences': {
      const { entryPreference, aggression } = command;
      return isName(entryPreference, said) && isName(aggression, said) && areTheNumbers([], question);
    }
  }
}

const isMarket = (market: string | null, named: readonly string[]): boolean =>
  market === null || (named.length === 1 && named[0] === market);
const isName = (name: string | null, said: (word: string) => boolean): boolean => name === null || said(name);

/** Said as leverage, and as nothing else: `5x`, `leverage of 5`. */
function isLeverage(leverage: string | null, plain: string): boolean {
  const inText = [
    ...plain.matchAll(/(?<![\d.])([\d.]+)\s?[x×](?![\p{L}\d])|\bleverage (?:of |at )?([\d.]+)(?!\s?[x×\d.])/gu),
  ];
  const said = inText.map(([, times = '', named = '']) => readSize(times || named));
  return leverage === null
    ? said.length === 0 && !/\bleverage/.test(plain)
    : said.length === 1 && said[0] === new Decimal(leverage).toFixed();
}

/** The numbers that a share has to be found in the text with; undefined where no word of the text says it. */
function shareOf(plain: string, percent: string | null): readonly string[] | undefined {
  if (percent === null) return [];
  if (
    percent === '100' &&
    /\b(?:close|exit|flatten|all|whole|entire)\b/.test(plain) &&
    !/%|\b(?:half|quarter)\b/.test(plain)
  )
    return [];
  if (percent === '50' && /\bhalf\b/.test(plain)) return [];
  if (percent === '25' && /\bquarter\b/.test(plain) && !/\bthree\b/.test(plain)) return [];
  return [percent];
}

/** The very numbers of the text, each as often as it stands there: none made up, none used twice, none left out. */
function areTheNumbers(numbers: readonly (string | null)[], { words, names, isLoud }: Question): boolean {
  const inText: string[] = [];
  for (const word of words) {
    if (names.named(word, isLoud) !== undefined || !/\p{N}/u.test(word)) continue;
    const bare = word.replace(/^@/, '');
    const value = readPrice(bare) ?? readSize(bare) ?? readPercent(bare) ?? readSize(bare.replace(/x$/i, ''));
    // A number that can not be read could mean anything.
    if (value === undefined) return false;
    inText.push(value);
  }
  const used = numbers.filter((number) => number !== null).map((number) => new Decimal(number).toFixed());
  return inText.toSorted().join(' ') === used.toSorted().join(' ');
}
