import { project } from '../../vitest.shared.ts';

export default project('trade-on-the-simulator');
