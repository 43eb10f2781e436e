import { FeatureAgent, type FeatureAgentOptions } from '@perpdesk/agents';
import { type DerivativesFeaturesView, isFresh } from '@perpdesk/core';

/** Where Crowd reads from, and the model that judges in its rules' place, if there is one. */
export interface CrowdOptions extends Pick<FeatureAgentOptions<string>, 'clock' | 'model'> {
  readonly derivatives: DerivativesFeaturesView;
}

const limit = (share: number): number => 25 * Math.max(-1, Math.min(1, share));

/** Crowd leans against whoever pays: dear funding on growing open interest is a crowded trade, cheap funding the reverse. */
export const crowd = ({ derivatives, ...rest }: CrowdOptions): FeatureAgent =>
  new FeatureAgent({
    ...rest,
    name: 'crowd',
    weight: 0.2,
    timeframe: '15m',
    components: ['funding', 'positions'],
    read: ({ instrumentId }) => {
      const { funding, openInterest } = derivatives.derivativesOf(instrumentId);
      const annual = isFresh(funding) ? 100 * funding.value.annualized : undefined;
      const change = isFresh(openInterest) ? openInterest.value.move?.percent : undefined;
      return { features: { 'funding.annualPercent': annual, 'interest.changePercent': change } };
    },
    judge: ({ 'funding.annualPercent': annual, 'interest.changePercent': change }) => ({
      components: {
        funding: annual === undefined ? undefined : limit(-(annual - 11) / 15),
        positions:
          annual === undefined || change === undefined ? undefined : limit((-Math.sign(annual) * change) / 1.5),
      },
    }),
    handoffs: true,
    prompt: { version: 1, text: 'You are Crowd. You lean against crowded positions in a perpetual future.' },
  });
