import { toUsd } from '@perpdesk/core';
import { expect, it } from 'vitest';
import { approvalVerdict } from './approval-policy.ts';
import { exampleSignal } from './example-signal.ts';
import { approvalAnswerSchema } from './trade-messages.ts';

it('default: who only watches is told so', () => {
  const bounds = { maxNotional: toUsd(100_000), minConfidence: 0, maxTradesPerDay: 100 };
  expect(approvalVerdict({ autonomy: 'monitor', bounds }, exampleSignal(), 0)).toEqual({
    verdict: 'declined',
    rejection: {
      code: 'approval.declined',
      message: 'The user watches: autonomy is monitor.',
      limit: 'suggest',
      actual: 'monitor',
    },
  });
});

it('default: the answers there are, a reason of 300 characters at most', () => {
  const reason = 'x'.repeat(300);
  expect(approvalAnswerSchema.parse({ answer: 'declined', reason })).toEqual({ answer: 'declined', reason });
  expect(approvalAnswerSchema.parse({ answer: 'declined', reason: '' })).toEqual({ answer: 'declined', reason: '' });
  expect(approvalAnswerSchema.safeParse({ answer: 'declined', reason: `${reason}x` }).success).toBe(false);
  expect(approvalAnswerSchema.parse({ answer: 'expired' })).toEqual({ answer: 'expired' });
  expect(approvalAnswerSchema.parse({ answer: 'approved', contentHash: 'h' })).toEqual({
    answer: 'approved',
    contentHash: 'h',
  });
  expect(approvalAnswerSchema.safeParse({ answer: 'perhaps' }).success).toBe(false);
});
