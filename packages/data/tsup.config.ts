import { library } from '../../tsup.base.ts';

export default library([
  'index',
  'store/scan/scan-worker',
  'store/transfer/file-worker',
  'store/retention/retention-worker',
]);
