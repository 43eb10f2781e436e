import { library } from '../../tsup.base.ts';

export default library(['index', 'store/scan/scan-worker']);
