import { type RiskLimits, type Tier, toRate } from '@perpdesk/core';

/** What a user of a tier may do who set nothing: PRODUCT §2 Brix, the one place of these numbers. */
export const tierDefaults: Readonly<Record<Tier, RiskLimits>> = {
  beginner: {
    maxLeverage: 3,
    riskPerTrade: toRate('0.005'),
    maxPositionMargin: toRate('0.05'),
    maxTotalMargin: toRate('0.2'),
    maxOpenPositions: 5,
    dailyLoss: toRate('0.1'),
    marginMode: 'isolated',
    maxPortfolioRisk: toRate('0.05'),
    firstTradeNotional: toRate('0.2'),
  },
  intermediate: {
    maxLeverage: 6,
    riskPerTrade: toRate('0.01'),
    maxPositionMargin: toRate('0.1'),
    maxTotalMargin: toRate('0.4'),
    maxOpenPositions: 10,
    dailyLoss: toRate('0.15'),
    marginMode: 'isolated',
    maxPortfolioRisk: toRate('0.06'),
    firstTradeNotional: toRate('0.4'),
  },
  advanced: {
    maxLeverage: 12,
    riskPerTrade: toRate('0.02'),
    maxPositionMargin: toRate('0.25'),
    maxTotalMargin: toRate('0.8'),
    maxOpenPositions: 20,
    dailyLoss: toRate('0.25'),
    marginMode: 'cross',
    maxPortfolioRisk: toRate('0.1'),
  },
};
