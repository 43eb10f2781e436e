import { project } from '../../vitest.shared.ts';

export default project('embed-in-a-bot');
