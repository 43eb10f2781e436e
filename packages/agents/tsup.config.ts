import { library } from '../../tsup.base.ts';

export default library(['index', 'checkpoints/index', 'openai/index']);
