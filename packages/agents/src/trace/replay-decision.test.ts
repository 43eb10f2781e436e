import {
  type DecisionRecord,
  type JsonValue,
  ModelError,
  SeededRandom,
  type SensingAgent,
  SimulatedClock,
  SortableIdGenerator,
  ValidationError,
} from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { MemoryDecisionJournal } from '../journal/memory-decision-journal.ts';
import { MemoryModelJournal } from '../model/journal/memory-model-journal.ts';
import { RecordingModel } from '../model/journal/recording-model.ts';
import { ScriptedModel, type ScriptedModelOptions } from '../model/scripted-model.ts';
import { answerTo } from '../testing/model-answer.ts';
import { type DecisionSetting, runDecision } from '../testing/replayable-desk.ts';
import { opinion, agent as scripted } from '../war-room/scripted-panel.ts';
import { replayDecision } from './replay-decision.ts';

/** Answers as whoever is asked: agents are long at 15 a component, Riven keeps the first target, Koda takes the last entry. */
const answers: ScriptedModelOptions['answer'] = ({ purpose, prompt }) => {
  if (purpose.startsWith('riven/')) return { reasoning: 'It rests on the trend.', keepTargets: [0] };
  if (purpose.startsWith('koda/')) return { choice: 1, notes: ['It fits the market.'] };
  return answerTo(prompt, 15);
};

async function withModel(answer = answers, setting: DecisionSetting = {}) {
  const modelJournal = new MemoryModelJournal();
  const clock = new SimulatedClock();
  const ids = new SortableIdGenerator({ clock, random: new SeededRandom('questions') });
  const scriptedModel = new ScriptedModel({ answer });
  const model = new RecordingModel({ model: scriptedModel, journal: modelJournal, clock, ids });
  const run = await runDecision({ ...setting, model });
  await model.flush();
  return { ...run, modelJournal };
}

/** The journal with one record changed. */
async function changed(
  journal: MemoryDecisionJournal,
  isMeant: (record: DecisionRecord) => boolean,
  change: (inputs: DecisionRecord['inputs']) => DecisionRecord['inputs'],
): Promise<MemoryDecisionJournal> {
  const copy = new MemoryDecisionJournal();
  await copy.append(
    (await journal.read()).map((record) => (isMeant(record) ? { ...record, inputs: change(record.inputs) } : record)),
  );
  return copy;
}

const withFeature = (reading: JsonValue | undefined, name: string, value: number): JsonValue => ({
  ...Object(reading),
  features: { ...Object(reading).features, [name]: value },
});

describe('replayDecision', () => {
  it.each(['handoff', 'graph'] as const)('default: a %s decision by rules is decided the same again', async (mode) => {
    const { concluded, ...run } = await runDecision({ mode });
    const replay = await replayDecision(run);
    expect(replay).toMatchObject({ same: true, differences: [], missing: [], versions: [] });
    expect(replay.digest).toBe(replay.recordedDigest);
    expect(concluded?.payload.consensus?.votes).toHaveLength(3);
  });

  it.each(['handoff', 'graph'] as const)(
    'default: a %s decision by models is decided the same again without one',
    async (mode) => {
      const run = await withModel(answers, { mode });
      expect(run.concluded?.payload).toMatchObject({ outcome: 'published' });
      expect(run.concluded?.payload.degraded).toBe(undefined);
      const replay = await replayDecision(run);
      expect(replay).toMatchObject({ same: true, differences: [], missing: [], versions: [] });
      // Three opinions, three turns (and an advocate's), plan, end, guidance.
      expect(replay.replayed).toBeGreaterThanOrEqual(9);
    },
  );

  it('behavior: changing one feature changes the digest, and the first difference is where it was changed', async () => {
    const run = await runDecision();
    const whole = await replayDecision(run);
    const journal = await changed(
      run.journal,
      ({ subject }) => subject.startsWith('opinion:vanta:'),
      (inputs) => ({ ...inputs, reading: withFeature(inputs.reading, 'momentum.rsi', 12.5) }),
    );
    const replay = await replayDecision({ ...run, journal });
    expect(replay.same).toBe(false);
    expect(replay.digest).not.toBe(whole.digest);
    expect(replay.recordedDigest).toBe(whole.recordedDigest);
    expect(replay.differences[0]?.step).toMatch(/^opinion:vanta:/);
    expect(replay.differences.map(({ now }) => now)).toContain(12.5);
    // The rules make something else of it than was recorded with it.
    expect(replay.versions).toMatchObject([{ what: 'rules' }]);
  });

  it('behavior: a changed price moves the plan and no word before it', async () => {
    const run = await withModel();
    const journal = await changed(
      run.journal,
      ({ kind }) => kind === 'round',
      (inputs) => {
        const reading = Object(inputs.reading);
        return {
          ...inputs,
          reading: { ...reading, market: { ...reading.market, price: reading.market.price * 1.01 } },
        };
      },
    );
    const { differences, missing } = await replayDecision({ ...run, journal });
    // The end of the round too: Riven falls back now.
    expect(new Set(differences.map(({ step }) => step.split(':')[0]))).toEqual(
      new Set(['recommendation', 'round.concluded']),
    );
    expect(differences.map(({ path }) => path)).toContain('entry');
    // Riven's model would be asked about another plan.
    expect(missing.map(({ reason }) => reason)).toEqual([
      'Another question would be asked now: the prompt, the schema or what is asked about changed.',
    ]);
  });

  it.each<[string, ScriptedModelOptions['answer'], string]>([
    ['refuses', () => Promise.reject(new ModelError('model.refused', 'No.')), 'model.refused'],
    [
      'invents a number',
      (request) =>
        request.purpose.startsWith('vanta')
          ? { ...answerTo(request.prompt, 15), reasoning: 'To 987654.' }
          : answers(request, 0),
      'model.ungrounded',
    ],
    [
      'answers out of the schema',
      (request) => (request.purpose.startsWith('luma') ? { direction: 'up' } : answers(request, 0)),
      'model.invalid-answer',
    ],
  ])('behavior: a model that %s falls back the same way', async (_, answer, code) => {
    const run = await withModel(answer);
    expect(run.concluded?.payload.degraded?.map((cause) => cause.code)).toContain(code);
    expect(await replayDecision(run)).toMatchObject({ same: true, differences: [], missing: [] });
  });

  it('behavior: of several answers to one question each step has its own', async () => {
    let asked = 0;
    const run = await withModel((request, index) => {
      if (!request.purpose.startsWith('vanta/')) return answers(request, index);
      asked += 1;
      // The opinion is made of none: the first word in the debate asks the same again.
      return asked === 1 ? { ...answerTo(request.prompt, 15), reasoning: 'To 987654.' } : answerTo(request.prompt, 20);
    });
    const first = await run.modelJournal.read({ traceId: run.traceId });
    const [vanta] = first.filter(({ purpose }) => purpose.startsWith('vanta/'));
    expect((await run.modelJournal.find(vanta?.key ?? '')).length).toBe(2);
    expect(await replayDecision(run)).toMatchObject({ same: true, differences: [], missing: [] });
  });

  it('behavior: an answer that came too late is in the journal, and not used', async () => {
    const late = await withModel();
    const run = await runDecision();
    // As if each model had answered after the desk had given it up.
    const records = (await run.journal.read()).map((record) => ({
      ...record,
      inputs: {
        ...record.inputs,
        asked: { key: 'a'.repeat(64) },
        ...(record.kind === 'opinion' ? { fellBack: { code: 'model.timeout', message: 'Late.' } } : {}),
      },
    }));
    const journal = new MemoryDecisionJournal();
    await journal.append(records.filter(({ kind }) => kind === 'opinion'));
    await journal.append((await run.journal.read()).filter(({ kind }) => kind !== 'opinion'));
    const replay = await replayDecision({ ...run, journal, modelJournal: late.modelJournal });
    expect(replay).toMatchObject({ same: true, missing: [] });
  });

  it('behavior: what is not recorded is said, and the rest is replayed around it', async () => {
    // An agent of anybody's making, which can not be replayed.
    const stranger: SensingAgent = {
      ...scripted('stranger'),
      opine: async ({ market, instrumentId, atMs }) => ({
        ...opinion('stranger', 'neutral', 0.5),
        ...{ id: `opinion:stranger:${market}:${atMs}`, market, instrumentId, atMs },
      }),
    };
    const run = await runDecision({ silent: ['luma'], others: [stranger] });
    const replay = await replayDecision(run);
    expect(replay.same).toBe(false);
    expect(replay.differences).toEqual([]);
    expect([...new Set(replay.missing.map(({ step, reason }) => `${step.replace(/:\d+.*$/, '')}: ${reason}`))]).toEqual(
      [
        'opinion:stranger:BTC-PERP: The journal does not hold what it was made of.',
        'opinion:luma:BTC-PERP: The journal does not hold what it was made of.',
        'turn.completed:BTC-PERP: The journal does not hold what it was made of.',
      ],
    );
    const withoutVanta = await replayDecision({ ...run, agents: run.agents.slice(1) });
    expect(withoutVanta.missing.map(({ reason }) => reason)).toContain('The agent vanta was not given.');
  });

  it('behavior: an answer that is not in the journal of models is said, not guessed', async () => {
    const run = await withModel();
    const replay = await replayDecision({ ...run, modelJournal: new MemoryModelJournal() });
    expect(replay.same).toBe(false);
    expect(new Set(replay.missing.map(({ reason }) => reason))).toContain(
      'The answer of the model is not in its journal.',
    );
    const none = await replayDecision({ ...run, modelJournal: { find: async () => [] } });
    expect(none.digest).toBe(replay.digest);
  });

  it('behavior: rules and prompts that changed since are said', async () => {
    const run = await runDecision();
    const journal = await changed(
      run.journal,
      ({ subject }) => subject.startsWith('opinion:meridian:'),
      (inputs) => ({
        ...inputs,
        method: { ...inputs.method, promptVersion: 0, promptHash: 'b'.repeat(64) },
        rules: { ...Object(inputs.rules), score: -99 },
      }),
    );
    const { same, versions } = await replayDecision({ ...run, journal });
    expect(same).toBe(true);
    expect(versions.map(({ what, was }) => `${what} ${was}`)).toEqual(['prompt 0 (bbbbbbbb)', 'rules score: -99']);
  });

  it.each(['first', 'last'])(
    'behavior: of a step that was tried twice the try that was published counts: the %s',
    async (place) => {
      const run = await runDecision();
      const records = await run.journal.read();
      const others = records
        .filter(({ subject }) => /^opinion:vanta:|:0$/.test(subject))
        .map((record) => ({
          ...record,
          id: `${record.id} another`,
          inputs: { ...record.inputs, reading: withFeature(record.inputs.reading, 'momentum.rsi', 12.5) },
        }));
      expect(others.length).toBe(2);
      const journal = new MemoryDecisionJournal();
      await journal.append(place === 'first' ? [...records, ...others] : [...others, ...records]);
      expect(await replayDecision({ ...run, journal })).toMatchObject({ same: true });
    },
  );

  it('behavior: whoever sees the end of a round may replay it, and the plan does not wait', async () => {
    const journal = new MemoryDecisionJournal();
    const append = journal.append.bind(journal);
    const planned = Promise.withResolvers<void>();
    const kept: string[] = [];
    journal.append = async (records) => {
      // A plan that waited for this would never come.
      if (records.some(({ kind }) => kind === 'round')) {
        await planned.promise;
        await new Promise((resolve) => void setImmediate(resolve));
      }
      await append(records);
      kept.push(...records.map(({ kind }) => kind));
    };
    let atEnd: readonly string[] = [];
    await runDecision({
      journal,
      onEvent: ({ type }) => {
        if (type === 'recommendation.published') planned.resolve();
        if (type === 'round.concluded') atEnd = [...kept];
      },
      model: new ScriptedModel({ answer: answers }),
    });
    expect(atEnd).toContain('round');
    expect(atEnd).toContain('plan');
  });

  it('error: a trace that there is not', async () => {
    const run = await runDecision();
    await expect(replayDecision({ ...run, traceId: 'none' })).rejects.toThrow(ValidationError);
  });
});
