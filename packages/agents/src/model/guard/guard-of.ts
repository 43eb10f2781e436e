import type { Clock, LanguageModel } from '@perpdesk/core';
import { GuardedModel } from './guarded-model.ts';

const guards = new WeakMap<Clock, WeakMap<LanguageModel, GuardedModel>>();

/** The one guard of a model on a clock: agents that are given the same model share it. A guarded model is its own. */
export function guardOf(model: LanguageModel, clock: Clock): GuardedModel {
  if (model instanceof GuardedModel) return model;
  let ofClock = guards.get(clock);
  if (ofClock === undefined) {
    ofClock = new WeakMap();
    guards.set(clock, ofClock);
  }
  let guard = ofClock.get(model);
  if (guard === undefined) {
    guard = new GuardedModel({ model, clock });
    ofClock.set(model, guard);
  }
  return guard;
}
