import { library } from '../../tsup.base.ts';

export default library(['index', 'ccxt/index', 'simulator/index', 'simulator/cli']);
