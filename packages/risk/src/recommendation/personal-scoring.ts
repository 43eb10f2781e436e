import { refusal } from '../decision/refusal.ts';
import { passed, passedBy, refused, riskStep, type StepResult } from '../decision/step-result.ts';
import { minimumConfidence } from './plan-refused.ts';
import type { PreparedPlan } from './prepared-plan.ts';
import type { RecommendationInput } from './recommendation-input.ts';

/**
 * Step 3: the plan's confidence as this user weighs the agents. The consensus formula of PRODUCT §2 over the latest opinions,
 * with the user's weights instead of the desk's and each agent's calibration factor kept. Skipped without a profile or
 * without opinions; a user whose own weighting is not convinced of the direction gets no signal. An agent that the user has on
 * `monitor` weighs nothing.
 */
export function personalConfidence(input: RecommendationInput, plan: PreparedPlan): StepResult<number> {
  const { recommendation, user, opinions, atMs } = input;
  const { confidence, direction } = recommendation;
  const profile = user.strategyProfile;
  if (profile === undefined) return skipped(plan, confidence, 'Skipped: no strategy profile.');
  const known = opinions.filter(
    (opinion) => opinion.market === recommendation.market && atMs - opinion.atMs <= 4 * opinion.refreshMs,
  );
  if (known.length === 0) return skipped(plan, confidence, 'Skipped: no opinions.');
  const before = { confidence };
  const weightOf = (agent: string): number => {
    const factor = recommendation.contributors.find((contributor) => contributor.agent === agent)?.factor ?? 1;
    // What an agent says that the user only watches is shown, and has no vote.
    return user.agentAutonomy?.[agent] === 'monitor' ? 0 : (profile[agent] ?? 0) * factor;
  };
  const side = (wanted: string) => {
    const votes = known.filter((opinion) => opinion.direction === wanted);
    const weight = votes.reduce((total, { agent }) => total + weightOf(agent), 0);
    const sum = votes.reduce((total, opinion) => total + weightOf(opinion.agent) * opinion.confidence, 0);
    return { weight, sum };
  };
  const forIt = side(direction);
  const against = side(direction === 'long' ? 'short' : 'long');
  const convinced = forIt.sum > against.sum && forIt.weight > 0;
  const disagreement = convinced ? against.sum / (forIt.sum + against.sum) : 1;
  const personal = convinced ? (forIt.sum / forIt.weight) * (1 - 0.5 * disagreement) : 0;
  if (!(personal >= minimumConfidence)) {
    return refused(
      'personal-scoring',
      before,
      refusal('confidence.low', "The user's own weighting does not carry the plan.", minimumConfidence, personal),
    );
  }
  return passed(
    'personal-scoring',
    before,
    { confidence: personal, disagreement },
    "Re-scored by the user's strategy profile.",
    personal,
  );
}

function skipped(plan: PreparedPlan, confidence: number, why: string): StepResult<number> {
  const step = plan.step(why) ?? plan.keep(why, riskStep('personal-scoring', { confidence }, { confidence }, why));
  return passedBy(step, confidence);
}
