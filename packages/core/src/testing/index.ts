export type { ContractCase } from './contract-case.ts';
export { approvalContract, type MakeApprovalAuthority } from './approval-contract.ts';
export { exampleOrderIntent } from './example-order-intent.ts';
export { StaticMarketView, type StaticMarketViewOptions } from './static-market-view.ts';
export { findSecrets } from './find-secrets.ts';
