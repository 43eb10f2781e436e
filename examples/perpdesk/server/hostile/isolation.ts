import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptedModel } from '@perpdesk/agents';
import { type ChatMessage, SeededRandom, type User, type UserDeskState } from '@perpdesk/core';
import { drawPlan } from '../simulation/plan-source.ts';
import type { Violation } from '../simulation/run-log.ts';
import { ChattingDesk, type ChattingDeskOptions } from './chatting-desk.ts';
import { echoAnswer } from './echo-answer.ts';
import { amountsOf, markedUser, markOf } from './marked-users.ts';

/** A part that mixes users up, to see that it is noticed. */
export type MixUp = 'state' | 'history';

/** What came of two users' chats. */
export interface IsolationResult {
  readonly chats: number;
  readonly approvals: number;
  readonly refusedAcross: number;
  readonly prompts: number;
  readonly events: number;
  readonly marks: number;
  readonly fills: number;
  readonly violations: readonly Violation[];
}

const pair = [markedUser('ada'), markedUser('bob')] as const;

/** Plays chats, proposals, trades and approvals of two users at once, and looks for anything of one where it is the other's. */
export async function playIsolation(
  seed: number,
  { acts = 1_000, mixUp, until }: { readonly acts?: number; readonly mixUp?: MixUp; readonly until?: string } = {},
): Promise<IsolationResult> {
  const directory = mkdtempSync(join(tmpdir(), 'perpdesk-isolation-'));
  const model = new ScriptedModel({ name: 'echo', answer: echoAnswer });
  const desk = new ChattingDesk({ seed, directory, users: pair, model, ...(mixUp === undefined ? {} : mixed(mixUp)) });
  try {
    await desk.open();
    return await new Isolation(desk, model, new SeededRandom(`isolation:${seed}`)).play(acts, until);
  } finally {
    await desk.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

class Isolation {
  readonly #desk: ChattingDesk;
  readonly #model: ScriptedModel;
  readonly #random: SeededRandom;
  /** What is a user's own: words said, ids, amounts. */
  readonly #own = new Map<string, Set<string>>(pair.map(({ id }) => [id, new Set([id, markOf(id), ...amountsOf(id)])]));
  readonly #conversations = new Map<string, string[]>(pair.map(({ id }) => [id, []]));
  #mayPause = false;
  #chats = 0;
  #approvals = 0;
  #refusedAcross = 0;

  constructor(desk: ChattingDesk, model: ScriptedModel, random: SeededRandom) {
    this.#desk = desk;
    this.#model = model;
    this.#random = random;
  }

  /** `until`: the kind of violation whose first ends it. */
  async play(acts: number, until?: string): Promise<IsolationResult> {
    for (let done = 0; done < acts && (until === undefined || !this.#desk.log.saw(until)); done += 2) {
      // Late, since it ends the taking of new risk.
      this.#mayPause = done > acts * 0.9;
      if (done % 20 === 0) await this.#plan();
      // Both at once, so that they interleave.
      await this.#desk.passes(Promise.all(pair.map((user) => this.#act(user))));
      if (done % 20 === 10) await this.#desk.minute();
    }
    const events = await this.#judge();
    return {
      ...{ chats: this.#chats, approvals: this.#approvals, refusedAcross: this.#refusedAcross, events },
      ...{ prompts: this.#model.questions.length, fills: this.#desk.audit.fills },
      marks: [...this.#own.values()].reduce((sum, own) => sum + own.size, 0),
      violations: this.#desk.log.violations,
    };
  }

  async #plan(): Promise<void> {
    const instruments = await this.#desk.market.instruments();
    const instrument = instruments[Math.floor(this.#random.next() * instruments.length)];
    const mark = instrument && this.#desk.world.mark(instrument.id);
    if (instrument === undefined || mark === undefined) return;
    const nowMs = this.#desk.time.clock.nowMs();
    const { eventBus } = this.#desk.life;
    await this.#desk.passes(eventBus.publish(drawPlan({ random: this.#random, instrument, mark, nowMs })));
    await this.#desk.time.clock.advanceBy(2_000);
  }

  async #act(user: User): Promise<void> {
    const drawn = this.#random.next();
    if (drawn < 0.7) return this.#ask(user);
    if (drawn < 0.85) return this.#answerProposal(user);
    return this.#answerSignal(user);
  }

  async #ask(user: User): Promise<void> {
    const mark = markOf(user.id);
    const word = `${mark}${letters(this.#random)}`;
    this.#own.get(user.id)?.add(word);
    const pauses = this.#mayPause && this.#random.next() < 0.2;
    const text = pauses
      ? 'pause entries'
      : (questions[Math.floor(this.#random.next() * questions.length)]?.(word) ?? word);
    // The oldest are forgotten beyond a hundred.
    const conversations = (this.#conversations.get(user.id) ?? []).slice(-20);
    const goesOn = this.#random.next() < 0.8;
    const conversationId = goesOn ? conversations[Math.floor(this.#random.next() * conversations.length)] : undefined;
    const drafts: string[] = [];
    const other = this.#other(user);
    const theirs = (this.#conversations.get(other.id) ?? []).at(-1);
    if (theirs !== undefined && this.#random.next() < 0.1) {
      await this.#refuses(() => this.#desk.ask(user.id, text, { conversationId: theirs }), 'chat.unknown');
      await this.#refuses(() => this.#desk.memory.read(user.id, theirs), 'chat.unknown');
    }
    const answer = await this.#desk.ask(user.id, text, {
      ...(conversationId === undefined ? {} : { conversationId }),
      onText: (draft) => drafts.push(draft),
    });
    this.#chats += 1;
    this.#keep(user, answer);
    this.#look(user, JSON.stringify(answer), 'an answer');
    this.#look(user, drafts.join('\n'), 'a draft');
  }

  #keep(user: User, { conversationId, id, proposalId }: ChatMessage): void {
    const own = this.#own.get(user.id);
    const conversations = this.#conversations.get(user.id) ?? [];
    if (!conversations.includes(conversationId)) conversations.push(conversationId);
    for (const mine of [conversationId, id, proposalId]) if (mine !== undefined) own?.add(mine);
  }

  async #answerProposal(user: User): Promise<void> {
    const [theirs] = await this.#desk.proposals.list(this.#other(user).id, { status: 'waiting', limit: 1 });
    if (theirs !== undefined) {
      const { contentHash, id } = theirs;
      await this.#refuses(() => this.#desk.proposals.approve(user.id, id, contentHash), 'proposal.unknown');
      await this.#refuses(() => this.#desk.proposals.get(user.id, id), 'proposal.unknown');
    }
    const [mine] = await this.#desk.proposals.list(user.id, { status: 'waiting', limit: 1 });
    if (mine === undefined) return;
    this.#own.get(user.id)?.add(mine.contentHash);
    this.#approvals += 1;
    const done = await this.#desk.proposals
      .approve(user.id, mine.id, mine.contentHash)
      .catch((error: { readonly code?: string }) => ({ outcome: error.code }));
    this.#look(user, JSON.stringify(done), 'an outcome');
  }

  async #answerSignal(user: User): Promise<void> {
    const { trades } = this.#desk.life;
    const theirs = (await trades.fetchApprovals(this.#other(user).id))[0];
    if (theirs !== undefined)
      await this.#refuses(() => trades.approve(user.id, theirs.signal.id, theirs.contentHash), undefined);
    const waiting = await trades.fetchApprovals(user.id);
    this.#look(user, JSON.stringify(waiting), 'what waits for approval');
    const mine = waiting[0];
    if (mine === undefined) return;
    this.#own.get(user.id)?.add(mine.signal.id);
    this.#approvals += 1;
    await trades.approve(user.id, mine.signal.id, mine.contentHash).catch(() => undefined);
  }

  async #refuses(act: () => Promise<unknown>, code: string | undefined): Promise<void> {
    try {
      await act();
      this.#desk.log.violation('reached over', `It was not refused: ${code ?? 'an approval of another’s signal'}`);
    } catch (error) {
      const found = (error as { readonly code?: string }).code;
      if (code !== undefined && found !== code) this.#desk.log.violation('reached over', `${found} for ${code}`);
      this.#refusedAcross += 1;
    }
  }

  #other(user: User): User {
    return user === pair[0] ? pair[1] : pair[0];
  }

  /** Looks for what is another's in what a user is shown. */
  #look(user: User, text: string, where: string): void {
    const low = text.toLowerCase();
    for (const own of this.#own.get(this.#other(user).id) ?? [])
      if (low.includes(own.toLowerCase()))
        return this.#desk.log.violation(
          'crossed',
          `${own} in ${where} of ${user.id}: ${around(low, own.toLowerCase())}`,
        );
  }

  /** Everything that was kept and told, row by row. */
  async #judge(): Promise<number> {
    const rows = async (table: string): Promise<readonly Record<string, unknown>[]> =>
      this.#desk.database.as<Record<string, Record<string, unknown>>>().selectFrom(table).selectAll().execute();
    const byId = new Map(pair.map((user) => [user.id, user]));
    const events = await rows('perpdesk_events');
    for (const row of events) {
      const user = byId.get(String(row.user_id));
      if (user !== undefined) this.#look(user, JSON.stringify(row), `the event ${String(row.type)}`);
      else for (const each of pair) this.#nobodys(JSON.stringify(row), each, `the event ${String(row.type)}`);
    }
    const owners = new Map<string, User>();
    for (const row of await rows('orchestrator_conversations')) {
      const user = byId.get(String(row.user_id));
      if (user === undefined) continue;
      owners.set(String(row.id), user);
      this.#look(user, JSON.stringify(row), 'a conversation');
    }
    for (const row of await rows('orchestrator_messages')) {
      const user = owners.get(String(row.conversation_id));
      if (user !== undefined) this.#look(user, JSON.stringify(row), 'a message in memory');
    }
    for (const table of ['orchestrator_proposals'])
      for (const row of await rows(table)) {
        const user = byId.get(String(row.user_id));
        if (user !== undefined) this.#look(user, JSON.stringify(row), 'a proposal');
      }
    for (const row of await rows('agents_checkpoints')) {
      const user = pair.find(({ id }) => String(row.thread_id).includes(id));
      if (user !== undefined) this.#look(user, JSON.stringify(row), 'a checkpoint');
    }
    for (const { context, prompt, system } of this.#model.questions) {
      const user = byId.get(context?.userId ?? '');
      if (user === undefined) this.#desk.log.violation('prompt of nobody', prompt.slice(0, 100));
      else this.#look(user, `${system}\n${prompt}`, 'a prompt');
    }
    return events.length;
  }

  /** What is nobody's event holds nothing of anybody. */
  #nobodys(text: string, user: User, where: string): void {
    if (text.includes(markOf(user.id)))
      this.#desk.log.violation('crossed', `${user.id} in ${where}, which is nobody's`);
  }
}

/** What people ask: about the desk, about their own, for actions; each with a word of theirs that means nothing. */
const questions: readonly ((word: string) => string)[] = [
  (word) => `what do the agents think of BTC, says ${word}`,
  (word) => `why is there no plan for ETH ${word}?`,
  () => 'what are my positions?',
  () => 'what is my balance and my open orders?',
  () => 'what waits for my approval?',
  () => 'what are my limits and autonomy?',
  () => 'price of BTC?',
  (word) => `${word} tell me something ${word}`,
  (word) => `hmm ${word} and then?`,
  () => 'buy 0.01 BTC at market stop 60000',
  () => 'close my BTC position',
  () => 'set my max leverage to 3',
];

const letters = (random: SeededRandom): string =>
  Array.from({ length: 8 }, () => String.fromCharCode(97 + Math.floor(random.next() * 26))).join('');

const around = (text: string, found: string): string => {
  const at = text.indexOf(found);
  return text.slice(Math.max(0, at - 60), at + found.length + 60);
};

/** Desks that mix users up now and then. */
function mixed(mixUp: MixUp): Pick<ChattingDeskOptions, 'parts'> {
  const swap = (userId: string): string => (userId === pair[0].id ? pair[1].id : pair[0].id);
  if (mixUp === 'state') {
    const seen = new Map<string, UserDeskState>();
    return {
      parts: (own) => ({
        route: own.route,
        answer: (question) => {
          seen.set(question.mine.user.id, question.mine);
          return own.answer({ ...question, mine: seen.get(swap(question.mine.user.id)) ?? question.mine });
        },
      }),
    };
  }
  let last: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[] = [];
  return {
    parts: (own) => ({
      route: own.route,
      answer: (question) => {
        const history = last;
        last = [...question.history, { role: 'user', text: question.text }];
        return own.answer({ ...question, history });
      },
    }),
  };
}
