import { ModelError, SimulatedClock } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleAnswer, exampleQuestion } from '../../testing/question.ts';
import { ScriptedModel } from '../scripted-model.ts';
import { SettledModel } from './settled-model.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work of a desk that takes some turns of the host, and says so as a bus does. */
async function work(clock: SimulatedClock, steps: number, done: () => void): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    const release = clock.hold();
    await turn();
    release();
  }
  done();
}

describe('SettledModel', () => {
  it.each([
    ['an answer', () => exampleAnswer],
    ['a failure', () => Promise.reject(new ModelError('model.refused', 'No.'))],
  ])('default: %s that is there at once comes after what the desk was at', async (_, answer) => {
    const deskClock = new SimulatedClock();
    const model = new SettledModel({ model: new ScriptedModel({ answer }), clock: new SimulatedClock(), deskClock });
    const order: string[] = [];
    const working = work(deskClock, 6, () => order.push('work'));
    await model.generate(exampleQuestion()).catch(() => undefined);
    order.push('answer');
    await working;
    expect(order).toEqual(['work', 'answer']);
  });

  it('behavior: what follows from one answer is done before the next comes, in the order they came', async () => {
    const [clock, deskClock] = [new SimulatedClock(), new SimulatedClock()];
    const model = new SettledModel({ model: new ScriptedModel({ answer: () => exampleAnswer }), clock, deskClock });
    const order: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map(async (name, index) => {
        await model.generate(exampleQuestion({ prompt: name }));
        // A commit is waited for without a word.
        for (let left = 3 - index; left > 0; left -= 1) await turn();
        order.push(name);
      }),
    );
    expect(order).toEqual(['a', 'b', 'c']);
    await clock.idle();
  });

  it('behavior: a model that is left alone is heard of in its turn too', async () => {
    const deskClock = new SimulatedClock();
    const answer = () => Promise.reject(new ModelError('model.unavailable', 'Down.'));
    const model = new SettledModel({
      ...{ model: new ScriptedModel({ answer }), clock: new SimulatedClock(), deskClock, failures: 1 },
    });
    await model.generate(exampleQuestion()).catch(() => undefined);
    const order: string[] = [];
    const working = work(deskClock, 6, () => order.push('work'));
    await expect(model.generate(exampleQuestion())).rejects.toMatchObject({ code: 'model.circuit-open' });
    order.push('refused');
    await working;
    expect(order).toEqual(['work', 'refused']);
  });
});
