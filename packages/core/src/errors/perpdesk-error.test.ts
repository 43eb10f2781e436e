import { describe, expect, it } from 'vitest';
import { DeskRequestError } from '../api/desk-request-error.ts';
import { ConfigError } from './config-error.ts';
import { ModelError } from './model-error.ts';
import { PerpDeskError } from './perpdesk-error.ts';
import { StoreError } from './store-error.ts';
import { ValidationError } from './validation-error.ts';
import { VenueError } from './venue-error.ts';

const classes = [ConfigError, ModelError, StoreError, ValidationError, VenueError];

describe('PerpDeskError', () => {
  it.each(classes.map((Class) => [new Class('some.code', 'It says why.').name, Class] as const))(
    'default: %s.is tells its own from all others',
    (name, Class) => {
      const error = new Class('some.code', 'It says why.');
      for (const Other of classes) expect([name, Other.is(error)]).toEqual([name, Other === Class]);
      expect(PerpDeskError.is(error)).toBe(true);
      for (const other of [new Error('no'), { kinds: ['ConfigError'] }, null, undefined, 'ConfigError'])
        expect(Class.is(other)).toBe(false);
      expect(Class.is(new PerpDeskError('some.code', 'It says why.'))).toBe(false);
    },
  );

  it('behavior: one that extends a class is one of it too', () => {
    const error = new DeskRequestError('desk.failed', 'It says why.');
    expect([DeskRequestError.is(error), VenueError.is(error), ConfigError.is(error)]).toEqual([true, true, false]);
    expect(DeskRequestError.is(new VenueError('venue.refused', 'It says why.'))).toBe(false);
  });
});
