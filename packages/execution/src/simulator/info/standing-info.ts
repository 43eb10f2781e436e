import { accountOf, type ExchangeContext } from '../exchange-context.ts';
import { wireDecimal } from '../wire/wire-decimal.ts';
import { addressIn, type InfoHandler, type InfoRequest } from './info-request.ts';

const periods = ['day', 'week', 'month', 'allTime', 'perpDay', 'perpWeek', 'perpMonth', 'perpAllTime'];

/** The requests that ask who an account is: fees, agents, builders, referrals, role. */
export function standingInfo(context: ExchangeContext): Readonly<Record<string, InfoHandler>> {
  const { engine, directory, clock, records } = context;
  const of =
    (answer: (account: string, request: InfoRequest) => unknown): InfoHandler =>
    (request) => {
      const account = addressIn(request);
      return account === undefined ? undefined : answer(account, request);
    };
  return {
    userFees: of((account) => wireFees(engine.feeRates(account), clock.nowMs())),
    userRole: of((account) => {
      const agent = directory.agent(account);
      if (agent !== undefined) return { role: 'agent', data: { user: agent.master } };
      return {
        role: directory.leaderOf(account) !== undefined ? 'vault' : directory.exists(account) ? 'user' : 'missing',
      };
    }),
    userAbstraction: of(() => 'default'),
    userDexAbstraction: of(() => null),
    extraAgents: of((account) =>
      directory
        .agentsOf(account)
        .filter((agent) => agent.name !== '')
        .map((agent) => ({ address: agent.address, name: agent.name, validUntil: agent.validUntilMs ?? null })),
    ),
    maxBuilderFee: of((account, request) => {
      const builder = addressIn(request, 'builder');
      return builder === undefined ? undefined : (directory.builderFee(account, builder) ?? 0);
    }),
    approvedBuilders: of((account) => directory.buildersOf(account)),
    referral: of((account) => {
      const code = directory.referrerOf(account);
      return {
        referredBy: code === undefined ? null : { referrer: `0x${'2'.padStart(40, '0')}`, code },
        cumVlm: wireDecimal(records.traded(account), 2),
        unclaimedRewards: '0.0',
        claimedRewards: '0.0',
        builderRewards: '0.0',
        referrerState: { stage: 'needToTrade', data: { required: '10000.0' } },
        rewardHistory: [],
        tokenToState: [],
      };
    }),
    subAccounts: of(() => null),
    isVip: of(() => false),
    legalCheck: of(() => ({ acceptedTerms: true, userAllowed: true, restrictions: 'n' })),
    portfolio: of((account) => {
      const history = [[clock.nowMs(), wireDecimal(accountOf(context, account).accountValue)]];
      const vlm = wireDecimal(records.traded(account), 2);
      return periods.map((period) => [
        period,
        { accountValueHistory: history, pnlHistory: [[clock.nowMs(), '0.0']], vlm },
      ]);
    }),
    twapHistory: of(() => []),
    userTwapSliceFills: of(() => []),
    userVaultEquities: of(() => []),
  };
}

function wireFees(rates: { readonly maker: string; readonly taker: string }, nowMs: number): Record<string, unknown> {
  return {
    dailyUserVlm: [
      { date: new Date(nowMs).toISOString().slice(0, 10), userCross: '0.0', userAdd: '0.0', exchange: '0.0' },
    ],
    feeSchedule: {
      cross: rates.taker,
      add: rates.maker,
      spotCross: '0.0007',
      spotAdd: '0.0004',
      tiers: {
        vip: [{ ntlCutoff: '5000000.0', cross: '0.0004', add: '0.00012', spotCross: '0.0006', spotAdd: '0.0003' }],
        mm: [{ makerFractionCutoff: '0.005', add: '-0.00001' }],
      },
      referralDiscount: '0.04',
      stakingDiscountTiers: [{ bpsOfMaxSupply: '0.0', discount: '0.0' }],
    },
    userCrossRate: rates.taker,
    userAddRate: rates.maker,
    userSpotCrossRate: '0.0007',
    userSpotAddRate: '0.0004',
    activeReferralDiscount: '0.0',
    trial: null,
    feeTrialEscrow: '0.0',
    nextTrialAvailableTimestamp: null,
    stakingLink: null,
    activeStakingDiscount: { bpsOfMaxSupply: '0.0', discount: '0.0' },
  };
}
