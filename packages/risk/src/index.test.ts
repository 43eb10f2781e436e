import { expect, it } from 'vitest';
import * as risk from './index.ts';

it('default: the public surface', () => {
  expect(Object.keys(risk).sort()).toMatchInlineSnapshot();
});
