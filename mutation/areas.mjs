/**
 * What is mutated and which tests judge it: the pure files that decide what is risked and what is sent, against the tests that
 * need no database, socket or process, so that a mutant costs milliseconds. What the slower tests would kill besides counts as
 * a survivor here.
 */
export const areas = [
  {
    name: 'risk',
    package: 'risk',
    mutate: [
      'src/order/*.ts',
      'src/exposure/*.ts',
      'src/recommendation/**/*.ts',
      'src/decision/{new-risk,usable-quote}.ts',
      'src/state/{pending-entry,release-pending}.ts',
      'src/tiers/{limit-change,limits-for}.ts',
      '!src/**/*.test.ts',
    ],
    tests: ['src/{order,exposure,recommendation,decision,tiers}/*.test.ts', 'src/state/release-pending.test.ts'],
    // A property over thousands of cases, seconds at each of its mutants.
    passOver: ['src/exposure/keeps-distance.test.ts'],
  },
  {
    name: 'consensus',
    package: 'agents',
    mutate: ['src/consensus/*.ts', '!src/**/*.test.ts'],
    tests: ['src/consensus/*.test.ts'],
  },
  {
    name: 'workflow',
    package: 'execution',
    mutate: [
      'src/trade/{approval-edit,approval-policy,catalyst-pause,closings,entry-chase,entry-intents,entry-run,leg-book,policy-holds,quiet-hours,trade-approval,trade-messages,trade-workflow}.ts',
      'src/guard/{edit-plan,fallback-plan,follow-exits,protection-plan,standing-of}.ts',
      'src/portfolio/protection-of.ts',
      'src/orders/merge-order.ts',
      'src/workflow-engine/{mailbox,run-context,run-life,steps-changed}.ts',
    ],
    tests: [
      'src/trade/{approval-edit,approval-policy,catalyst-pause,closings,edit-outcomes,policy-holds,quiet-hours,entry-chase,entry-intents,entry-orders,entry-run,leg-book,trade-words,trade-workflow}.test.ts',
      'src/guard/{edit-plan,exit-rules,fallback-plan,follow-exits,protection-plan,protective-orders,standing-of}.test.ts',
      'src/orders/{merge-order,merged-meaning}.test.ts',
      'src/portfolio/protection-of.test.ts',
      'src/workflow-engine/{mailbox,run-context,run-journal}.test.ts',
    ],
  },
];
