// The barrel of @perpdesk/react: a provider and headless hooks over the desk's HTTP and SSE contract.
export { type CandleSeries, useCandles } from './hooks/use-candles.ts';
export { type Chat, useChat } from './hooks/use-chat.ts';
export { useConnected, useDesk } from './hooks/use-desk.ts';
export { type DeskActions, useDeskActions } from './hooks/use-desk-actions.ts';
export {
  useAccounts,
  useApprovals,
  useEvents,
  useInstruments,
  useOpinions,
  useOrders,
  usePositions,
  usePredictions,
  useProposals,
  useResource,
  useRounds,
  useStatus,
  useTrackRecords,
} from './hooks/use-resource.ts';
export { useTicker } from './hooks/use-ticker.ts';
export { DeskProvider, type DeskProviderProps, useDeskStore } from './provider.tsx';
export {
  type DeskState,
  initialState,
  type KeptRoute,
  keptRoutes,
  type Resource,
  type ResourceResult,
} from './store/desk-state.ts';
export { DeskStore, type DeskStoreOptions } from './store/desk-store.ts';
