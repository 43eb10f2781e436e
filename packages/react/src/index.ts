// The barrel of @perpdesk/react: a provider and headless hooks over the desk's HTTP and SSE contract.
export { type DeskActions, useDeskActions } from './hooks/use-desk-actions.ts';
export { useDesk } from './hooks/use-desk.ts';
export { type CandleSeries, useCandles, useConnected, useEvents, useTicker } from './hooks/use-market.ts';
export {
  type ResourceResult,
  useAccounts,
  useApprovals,
  useInstruments,
  useOpinions,
  useOrders,
  usePositions,
  useResource,
  useRounds,
  useStatus,
} from './hooks/use-resource.ts';
export { DeskProvider, useDeskStore } from './provider.tsx';
export { type DeskState, type KeptRoute, keptRoutes, type Resource } from './store/desk-state.ts';
export { DeskStore, type DeskStoreOptions } from './store/desk-store.ts';
