import { type Guidance, type OrderIntent, toPrice, toRate, toSize, type WorkflowEngine } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import { marketLeg, TradingDesk, type TradingDeskOptions } from '../testing/trading-desk.ts';
import type { ApprovalEdit } from './approval-edit.ts';
import type { PendingApproval } from './approval-store.ts';
import { exampleGuidance, exampleSignal, limitLeg } from './example-signal.ts';

const desks: TradingDesk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) await desk.stop();
});

const signalId = exampleSignal().id;
const smaller: ApprovalEdit = { size: toSize('0.06') };
const ladder = (): Guidance => exampleGuidance([limitLeg(59_990, '0.5'), limitLeg(59_900, '0.5')]);
const pending = async (desk: TradingDesk): Promise<PendingApproval> => {
  const [approval] = await desk.trades.fetchApprovals('alice');
  if (approval === undefined) throw new Error('Nothing waits.');
  return approval;
};
const asked = async (options: TradingDeskOptions & { readonly guidance?: Guidance } = {}) => {
  const { guidance = ladder(), ...rest } = options;
  const desk = await TradingDesk.run({ user: { autonomy: 'suggest' }, ...rest });
  desks.push(desk);
  await desk.guide({}, guidance);
  const approval = await pending(desk);
  const hash = approval.contentHash;
  const edit = (change: ApprovalEdit, of = hash) => desk.trades.edit('alice', signalId, of, change);
  const approve = async (of: string): Promise<void> => {
    await desk.trades.approve('alice', signalId, of);
    await desk.clock.idle();
  };
  return { desk, approval, hash, edit, approve };
};
const sent = async (desk: TradingDesk): Promise<readonly string[]> =>
  (await desk.events('order.submitted'))
    .filter(({ payload }) => payload.purpose === 'entry')
    .map(({ payload: { price, size, type } }) => `${type} ${size} @ ${price}`);
const verdicts = async (desk: TradingDesk): Promise<readonly string[]> =>
  (await desk.events('signal.approved', 'signal.declined')).map(({ type, payload }) =>
    type === 'signal.declined' && 'rejection' in payload ? payload.rejection.code : type,
  );
const editedOf = async (outcome: ReturnType<TradingDesk['trades']['edit']>): Promise<PendingApproval> => {
  const known = await outcome;
  if (known.outcome !== 'edited') throw new Error(JSON.stringify(known));
  return known.approval;
};

describe('an approval that its user edits', () => {
  it('default: waits anew as it was changed; what was shown is sent, and what protects it is set', async () => {
    const { approve, desk, edit, hash, approval } = await asked();
    const change: ApprovalEdit = {
      size: toSize('0.06'),
      stopLoss: toPrice(59_600),
      takeProfits: [{ price: toPrice(61_000), fraction: toRate(1) }],
      legs: [limitLeg(59_980, '0.25'), limitLeg(59_950, '0.75')],
    };
    const shown = await editedOf(edit(change));
    expect(shown).toEqual(await pending(desk));
    expect(shown.expiresAtMs).toBe(approval.expiresAtMs);
    expect(shown.contentHash).not.toBe(hash);
    expect(shown.signal).toMatchObject({
      ...approval.signal,
      size: '0.06',
      stopLoss: '59600',
      entry: '59980',
      notional: '3598.8',
      initialMargin: '599.8',
      takeProfits: change.takeProfits,
    });
    expect(shown.guidance).toMatchObject({ legs: change.legs, style: 'ladder' });
    expect(desk.gate.revised.map(({ size, stopLoss, entry }) => [size, stopLoss, entry])).toEqual([
      ['0.06', '59600', '59980'],
    ]);
    expect(
      (await desk.events('approval.requested')).map(({ payload }) => [payload.contentHash, payload.reason]),
    ).toEqual([
      [hash, 'Autonomy is suggest.'],
      [shown.contentHash, 'Edited by the user.'],
    ]);
    expect(await sent(desk)).toEqual([]);
    await approve(shown.contentHash);
    expect(await sent(desk)).toEqual(['limit 0.015 @ 59980', 'limit 0.045 @ 59950']);
    expect((await desk.events('signal.approved')).map(({ payload }) => payload.contentHash)).toEqual([
      shown.contentHash,
    ]);
    await desk.price(59_940);
    expect(await desk.resting()).toEqual(['stop-loss 0.06 @ 59600', 'take-profit 0.06 @ 61000']);
    // A quarter of the edited margin filled first, then the rest.
    expect(desk.gate.released.map(({ remaining }) => remaining)).toEqual(['449.85', undefined]);
  });

  it('error: the hash from before the edit approves nothing any more', async () => {
    const { approve, desk, edit, hash } = await asked();
    await editedOf(edit(smaller));
    await approve(hash);
    expect(await verdicts(desk)).toEqual(['approval.altered']);
    expect(await sent(desk)).toEqual([]);
    expect(desk.gate.released).toEqual([{ signalId, remaining: undefined }]);
  });

  it('behavior: what Brix refuses stays as it was, and may be edited otherwise', async () => {
    const { approve, desk, edit, approval, hash } = await asked();
    const rejection = { code: 'position-margin.limit', message: 'Too large.' } as const;
    desk.gate.refuseRevision = ({ size }) => (size === '0.2' ? rejection : undefined);
    expect(await edit({ size: toSize('0.2') })).toEqual({ outcome: 'refused', rejection });
    expect(await pending(desk)).toEqual(approval);
    // The same again is asked again.
    expect(await edit({ size: toSize('0.2') })).toEqual({ outcome: 'refused', rejection });
    expect(desk.gate.revised).toHaveLength(2);
    expect((await editedOf(edit(smaller))).signal.size).toBe('0.06');
    expect(await edit({ size: toSize('0.05') }, hash)).toMatchObject({ rejection: { code: 'approval.altered' } });
    await approve((await pending(desk)).contentHash);
    expect(await sent(desk)).toEqual(['limit 0.03 @ 59990', 'limit 0.03 @ 59900']);
  });

  it('error: a plan that is none never reaches Brix', async () => {
    const { approval, desk, edit } = await asked();
    expect(await edit({ stopLoss: toPrice(59_950) })).toMatchObject({ rejection: { code: 'geometry.invalid' } });
    expect(desk.gate.revised).toEqual([]);
    expect(await pending(desk)).toEqual(approval);
  });

  it('error: what is no edit, what is not theirs, and what is too late', async () => {
    const { desk, edit, hash } = await asked();
    await expect(edit({})).rejects.toMatchObject({ code: 'approval.edit-invalid' });
    await expect(edit({ size: '1e3' as never })).rejects.toThrow(/size: must be a plain decimal/);
    await expect(edit({ leverage: 20 } as never)).rejects.toMatchObject({ code: 'approval.edit-invalid' });
    await expect(desk.trades.edit('bob', signalId, hash, smaller)).rejects.toMatchObject({ code: 'approval.unknown' });
    const expiresAtMs = desk.wallClock.nowMs() + 900_000;
    desk.wallClock.nowMs = () => expiresAtMs;
    await expect(edit(smaller)).rejects.toMatchObject({ code: 'approval.expired' });
  });

  it('behavior: without a fresh price, past its time, or by a gate that judges no edits it is refused', async () => {
    const stale = await asked();
    await stale.desk.clock.advanceBy(61_000);
    expect(await stale.edit(smaller)).toMatchObject({ rejection: { code: 'market-data.stale' } });
    const old = await asked();
    await old.desk.pass(901_000);
    expect(await old.edit(smaller)).toMatchObject({ rejection: { code: 'recommendation.expired' } });
    const plain = await asked();
    Object.defineProperty(plain.desk.gate, 'revise', { value: undefined });
    expect(await plain.edit(smaller)).toMatchObject({ rejection: { code: 'order.invalid' } });
    await plain.approve(plain.hash);
    expect(await sent(plain.desk)).toHaveLength(2);
  });

  it('behavior: the price may drift from where it was at the edit', async () => {
    const { approve, desk, edit } = await asked();
    await desk.price(60_200);
    const { contentHash } = await editedOf(edit({ legs: [limitLeg(59_700, '1')] }));
    // Half the way from 60,200 to the stop at 59,500 is 350.
    await desk.price(60_549);
    await approve(contentHash);
    expect(await sent(desk)).toEqual(['limit 0.1 @ 59700']);
    const far = await asked();
    await far.desk.price(60_200);
    const edited = await editedOf(far.edit({ legs: [limitLeg(59_700, '1')] }));
    await far.desk.price(60_551);
    await far.approve(edited.contentHash);
    expect(await verdicts(far.desk)).toEqual(['approval.drifted']);
  });

  it('behavior: an edit outlives the process, under its hash and by the time there was', async () => {
    const { desk: first, edit } = await asked();
    await first.price(60_100);
    const shown = await editedOf(edit({ ...smaller, stopLoss: toPrice(59_600) }));
    await first.stop({ keepFiles: true });
    const second = await TradingDesk.open({
      folder: first.folder,
      startAtMs: first.clock.nowMs(),
      user: { autonomy: 'suggest' },
      seed: 'second',
    });
    desks.push(second);
    await second.price(60_100);
    await second.start();
    expect(await pending(second)).toEqual(shown);
    await second.trades.approve('alice', signalId, shown.contentHash);
    await second.clock.idle();
    expect(await sent(second)).toEqual(['limit 0.03 @ 59990', 'limit 0.03 @ 59900']);
    expect(second.gate.revised).toEqual([]);
    await second.price(59_980);
    expect((await second.resting()).filter((order) => order.startsWith('stop'))).toEqual(['stop-loss 0.03 @ 59600']);
  });

  it('behavior: nobody is kept waiting by a trade that does not answer', async () => {
    const { desk, edit } = await asked();
    const { signal } = desk.engine;
    desk.engine.signal = async () => {};
    const outcome = edit(smaller);
    await desk.wallClock.advanceBy(30_000);
    expect(await outcome).toEqual({ outcome: 'unknown' });
    const stopped = edit(smaller);
    // The request has been put before the desk stops.
    await desk.trades.fetchApprovals('alice');
    desk.engine.signal = signal;
    await desk.trades.stop();
    expect(await stopped).toEqual({ outcome: 'unknown' });
  });

  it("behavior: the user's own exits are shown and bound, whatever they are set to later", async () => {
    const user = { autonomy: 'suggest', exits: { maxHoldMs: 60_000 } } as const;
    const { approve, approval, desk, hash } = await asked({ user, guidance: exampleGuidance([marketLeg]) });
    expect(approval.guidance.exits).toEqual({ maxHoldMs: 60_000 });
    const get = desk.users.get.bind(desk.users);
    desk.users.get = async (id) => {
      const { exits: _, ...changed } =
        (await get(id)) ??
        (() => {
          throw new Error('no user');
        })();
      return changed;
    };
    await approve(hash);
    await desk.pass(90_000);
    expect((await desk.events('position.closed')).map(({ payload }) => payload.reason)).toEqual(['time-exit']);
  });
});

describe('answers that come at once', () => {
  const outcomes = async (...answers: Promise<unknown>[]): Promise<readonly string[]> =>
    (await Promise.allSettled(answers)).map((settled) =>
      settled.status === 'fulfilled' ? 'taken' : String((settled.reason as { code?: string }).code),
    );

  it('behavior: approved twice is sent once', async () => {
    const { desk, hash } = await asked();
    const { approve } = desk.trades;
    const again = () => approve.call(desk.trades, 'alice', signalId, hash);
    await outcomes(again(), again(), again());
    await desk.clock.idle();
    expect(await verdicts(desk)).toEqual(['signal.approved']);
    expect(await sent(desk)).toHaveLength(2);
  });

  it.each([
    ['approve first', false],
    ['decline first', true],
  ])('behavior: approved and declined at once is one of the two: %s', async (_, declineFirst) => {
    const { desk, hash } = await asked();
    const answers = [
      () => desk.trades.approve('alice', signalId, hash),
      () => desk.trades.decline('alice', signalId, 'No.'),
    ];
    await outcomes(...(declineFirst ? answers.reverse() : answers).map((answer) => answer()));
    await desk.clock.idle();
    const [verdict, ...others] = await verdicts(desk);
    expect(others).toEqual([]);
    expect(await sent(desk)).toHaveLength(verdict === 'signal.approved' ? 2 : 0);
    expect(['signal.approved', 'approval.declined']).toContain(verdict);
  });

  it('behavior: approved while it expires is one of the two', async () => {
    const { desk, hash } = await asked();
    await desk.wallClock.advanceBy(899_999);
    await outcomes(desk.wallClock.advanceBy(1), desk.trades.approve('alice', signalId, hash));
    await desk.clock.idle();
    const [verdict, ...others] = await verdicts(desk);
    expect(others).toEqual([]);
    expect(['signal.approved', 'approval.expired']).toContain(verdict);
    expect(await sent(desk)).toHaveLength(verdict === 'signal.approved' ? 2 : 0);
  });

  it('behavior: of two edits of one plan the second is of a plan that waits no more', async () => {
    const { desk, edit } = await asked();
    const [first, second] = await Promise.all([edit(smaller), edit({ size: toSize('0.04') })]);
    expect([first.outcome, second.outcome].toSorted()).toEqual(['edited', 'refused']);
    const waits = await pending(desk);
    expect(waits.signal.size).toBe(first.outcome === 'edited' ? '0.06' : '0.04');
    expect(desk.gate.revised).toHaveLength(1);
  });

  /** Puts the answers in the mailbox in the order of the calls, whatever the database makes of it. */
  const inOrder = (engine: WorkflowEngine): void => {
    const signal = engine.signal.bind(engine);
    let before: Promise<void> = Promise.resolve();
    engine.signal = (...mail) => {
      before = before.then(() => signal(...mail));
      return before;
    };
  };

  it('behavior: edited, then approved as it was: nothing is sent; approved, then edited: what was approved is sent', async () => {
    const edited = await asked();
    inOrder(edited.desk.engine);
    const [outcome] = await Promise.all([
      edited.edit(smaller),
      edited.desk.trades.approve('alice', signalId, edited.hash),
    ]);
    await edited.desk.clock.idle();
    expect([outcome.outcome, await verdicts(edited.desk), await sent(edited.desk)]).toEqual([
      'edited',
      ['approval.altered'],
      [],
    ]);
    const approved = await asked();
    inOrder(approved.desk.engine);
    const [, late] = await Promise.all([
      approved.desk.trades.approve('alice', signalId, approved.hash),
      approved.edit(smaller),
    ]);
    await approved.desk.clock.idle();
    expect(late).toEqual({
      outcome: 'refused',
      rejection: { code: 'approval.spent', message: 'The signal has been answered already.' },
    });
    expect(await sent(approved.desk)).toEqual(['limit 0.05 @ 59990', 'limit 0.05 @ 59900']);
    expect(approved.desk.gate.revised).toEqual([]);
  });

  it('behavior: an edit that is on its way when the answer is judged is told so', async () => {
    const { desk, edit, hash } = await asked();
    const signal = desk.engine.signal.bind(desk.engine);
    const mail: Parameters<WorkflowEngine['signal']>[] = [];
    desk.engine.signal = async (...one) => void mail.push(one);
    const late = edit(smaller);
    await desk.trades.approve('alice', signalId, hash);
    // The plan still waits when the edit looks.
    for (let look = 0; look < 3; look += 1) await desk.trades.fetchApprovals('alice');
    expect(mail).toHaveLength(2);
    const answersFirst = mail.toSorted(([, , a], [, , b]) => JSON.stringify(a).length - JSON.stringify(b).length);
    for (const one of answersFirst) await signal(...one);
    expect(await late).toMatchObject({ outcome: 'refused', rejection: { code: 'approval.spent' } });
    await desk.clock.idle();
    expect(await sent(desk)).toHaveLength(2);
  });

  it('behavior: halted between two orders of an approved plan, the second does not go', async () => {
    const { approve, desk, hash } = await asked();
    let passed = 0;
    desk.gate.refuse = ({ purpose }: OrderIntent) => {
      passed += purpose === 'entry' ? 1 : 0;
      return passed > 1 ? { code: 'trading.halted', message: 'Halted.' } : undefined;
    };
    await approve(hash);
    expect(await sent(desk)).toEqual(['limit 0.05 @ 59990']);
    expect(await verdicts(desk)).toEqual(['signal.approved']);
    expect(desk.gate.released.map(({ remaining }) => remaining)).toEqual(['500']);
  });
});
