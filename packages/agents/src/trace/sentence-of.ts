import type { DecisionInputs, DomainEvent, Opinion, Turn } from '@perpdesk/core';
import { explainConsensus } from '../consensus/explain-consensus.ts';

/** One step of a decision in plain words. */
export function sentenceOf(event: DomainEvent, inputs?: DecisionInputs): string {
  switch (event.type) {
    case 'candle.closed':
      return `${event.payload.instrumentId} closed ${event.payload.timeframe} at ${event.payload.close}.`;
    case 'opinion.published':
      return `${event.payload.agent} is ${viewOf(event.payload)}, score ${event.payload.score}${madeBy(event.payload.source, inputs)}.`;
    case 'agent.abstained':
      return `${event.payload.agent} has no opinion: ${event.payload.reason}.`;
    case 'agent.failed':
      return event.payload.fellBack
        ? `The model of ${event.payload.agent} could not be used (${event.payload.code}), its rules answer.`
        : `${event.payload.agent} failed (${event.payload.code}).`;
    case 'round.opened':
      return `A round on ${event.payload.market} begins.`;
    case 'turn.completed': {
      const { turn } = event.payload;
      const who = turn.role === undefined ? turn.agent : `${turn.agent}, as devil's advocate,`;
      const handoff = turn.handoff === undefined ? '' : ` ${turn.handoff.reason}`;
      return `${who} says ${viewOf(turn)}${madeBy(turn.source, inputs)}.${handoff}`;
    }
    case 'round.concluded':
      return event.payload.consensus === undefined
        ? `The round stands aside: ${event.payload.reason}.`
        : explainConsensus(
            event.payload.consensus,
            event.payload.reason === undefined ? {} : { reason: event.payload.reason },
          ).text;
    case 'recommendation.published': {
      const { direction, entry, stopLoss, takeProfits, reasonedBy = 'rules' } = event.payload;
      const targets = takeProfits.map(({ price }) => price).join(', ');
      return `Riven plans a ${direction} at ${entry}, stop ${stopLoss}, targets ${targets}${madeBy(reasonedBy, inputs)}.`;
    }
    case 'guidance.published': {
      const { style, legs, source } = event.payload.guidance;
      return `Koda advises to enter as ${style} in ${legs.length} order${legs.length === 1 ? '' : 's'}${madeBy(source, inputs)}.`;
    }
    default:
      return `${event.type}.`;
  }
}

const viewOf = ({ direction, confidence }: Pick<Opinion | Turn, 'direction' | 'confidence'>): string =>
  `${direction} at ${Math.round(confidence * 10_000) / 10_000}`;

function madeBy(source: 'model' | 'rules', inputs: DecisionInputs | undefined): string {
  if (source === 'model') return `, by its model (prompt ${inputs?.method.promptVersion ?? 'not recorded'})`;
  return inputs?.fellBack === undefined ? ', by rules' : `, by rules (${inputs.fellBack.code})`;
}
