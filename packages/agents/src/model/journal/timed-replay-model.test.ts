import { ModelError, SeededRandom, SimulatedClock, SortableIdGenerator } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleAnswer, exampleQuestion } from '../../testing/question.ts';
import { GuardedModel } from '../guard/guarded-model.ts';
import { SettledModel } from '../guard/settled-model.ts';
import { ScriptedModel } from '../scripted-model.ts';
import { MemoryModelJournal } from './memory-model-journal.ts';
import { RecordingModel } from './recording-model.ts';
import { TimedReplayModel } from './timed-replay-model.ts';

const question = (name: string, timeoutMs = 8_000) => exampleQuestion({ prompt: name, timeoutMs });

/** Asks a model that takes as long as its question says, or fails; the journal of it. */
async function recorded(ask: (model: GuardedModel, clock: SimulatedClock) => Promise<unknown>) {
  const clock = new SimulatedClock();
  const journal = new MemoryModelJournal();
  const answer = ({ prompt }: { readonly prompt: string }) =>
    new Promise<typeof exampleAnswer>((resolve, reject) => {
      if (prompt === 'down') reject(new ModelError('model.unavailable', 'Down.', { retryable: true }));
      else clock.setTimer(Number(prompt), () => resolve(exampleAnswer));
    });
  const ids = new SortableIdGenerator({ clock, random: new SeededRandom('questions') });
  const model = new RecordingModel({ model: new ScriptedModel({ answer }), journal, clock, ids });
  const asked = ask(new GuardedModel({ model, clock }), clock);
  await clock.advanceBy(60_000);
  await asked;
  await model.flush();
  return journal;
}

function replayOf(journal: MemoryModelJournal) {
  const deskClock = new SimulatedClock();
  const replay = new TimedReplayModel({ journal, deskClock });
  const failures = Number.POSITIVE_INFINITY;
  const model = new SettledModel({ model: replay, clock: replay.clock, deskClock, failures });
  return { replay, model };
}

const codeOf = (error: unknown): string => (ModelError.is(error) ? error.code : String(error));

describe('TimedReplayModel', () => {
  it('default: answers in the order and after the time in which answers came', async () => {
    const journal = await recorded((model) =>
      Promise.all(['300', '100', '200'].map((name) => model.generate(question(name)))),
    );
    const { replay, model } = replayOf(journal);
    const came: [string, number][] = [];
    await Promise.all(
      ['200', '300', '100'].map(async (name) => {
        expect((await model.generate(question(name))).value).toEqual(exampleAnswer);
        came.push([name, replay.clock.nowMs()]);
      }),
    );
    expect(came).toEqual([
      ['100', 100],
      ['200', 200],
      ['300', 300],
    ]);
    expect(replay.notRecorded).toBe(0);
  });

  it('behavior: of two that came within a millisecond the one that came first comes first', async () => {
    const journal = await recorded(async (model, clock) => {
      const first = model.generate(question('101'));
      clock.setTimer(1, () => void model.generate(question('100')).catch(() => undefined));
      await first;
    });
    const { model } = replayOf(journal);
    const came: string[] = [];
    await Promise.all(
      ['100', '101'].map(async (name) => {
        await model.generate(question(name));
        came.push(name);
      }),
    );
    expect(came).toEqual(['101', '100']);
  });

  it('behavior: what was late is late again, by the clock of whoever waits, and nobody waits for it', async () => {
    const journal = await recorded((model) => model.generate(question('5000', 500)).catch(codeOf));
    const { replay, model } = replayOf(journal);
    // The desk that is replayed has a little more time left than the recorded one had.
    expect(await model.generate(question('5000', 520)).catch(codeOf)).toBe('model.timeout');
    expect(replay.clock.nowMs()).toBe(520);
    expect(await journal.read()).toMatchObject([{ latencyMs: 5_000, late: true, outcome: { kind: 'answered' } }]);
  });

  it('behavior: an answer in time is in time, though timers come first at the same instant', async () => {
    const journal = await recorded((model) => model.generate(question('400')));
    const { model } = replayOf(journal);
    expect((await model.generate(question('400', 400))).value).toEqual(exampleAnswer);
  });

  it('behavior: a model that was left alone is left alone as often, and no more', async () => {
    const names = [...Array(7).fill('down'), '100'];
    const ask = async (model: GuardedModel): Promise<readonly string[]> => {
      const codes: string[] = [];
      for (const name of names) codes.push(await model.generate(question(name)).then(() => 'answered', codeOf));
      return codes;
    };
    let codes: readonly string[] = [];
    const journal = await recorded(async (model) => {
      codes = await ask(model);
    });
    expect(codes).toEqual([...Array(5).fill('model.unavailable'), ...Array(3).fill('model.circuit-open')]);
    expect(await ask(replayOf(journal).model)).toEqual(codes);
  });

  it('error: a question that was not asked, and a caller who gives up', async () => {
    const journal = await recorded((model) => model.generate(question('300')));
    const { replay, model } = replayOf(journal);
    expect(await model.generate(question('200')).catch(codeOf)).toBe('model.not-recorded');
    expect(replay.notRecorded).toBe(1);
    const abort = new AbortController();
    replay.clock.setTimer(100, () => abort.abort());
    expect(await model.generate(question('300'), { signal: abort.signal }).catch(codeOf)).toBe('model.timeout');
    expect(replay.clock.nowMs()).toBe(100);
  });
});
