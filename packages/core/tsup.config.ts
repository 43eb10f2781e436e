import { library } from '../../tsup.base.ts';

export default library(['index', 'database/index', 'security/index', 'api/index', 'ccxt/index', 'testing/index']);
