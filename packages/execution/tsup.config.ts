import { library } from '../../tsup.base.ts';

export default library([
  'index',
  'backtest/index',
  'backtest/sweep-worker',
  'ccxt/index',
  'dbos/index',
  'simulator/index',
  'simulator/cli',
]);
