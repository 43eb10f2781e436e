/** How soon an agent calls a reading full. */
export type Sensitivity = 'calm' | 'alert' | 'hyper';

/** What a full reading is multiplied by: `calm` needs readings a quarter larger for the same score, `hyper` a fifth smaller. */
export const sensitivityFactors: Readonly<Record<Sensitivity, number>> = { calm: 1.25, alert: 1, hyper: 0.8 };
