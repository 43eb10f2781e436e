import { expect, it } from 'vitest';
import { loadDbos } from './load-dbos.ts';

const failing = (code: string) => async (): Promise<never> => {
  throw Object.assign(new Error('No such package'), { code });
};

it('default: gives what is used of the package', async () => {
  const { DBOS, reenqueue } = await loadDbos();
  expect(DBOS.isInitialized()).toBe(false);
  expect(await reenqueue(['nobody'])).toEqual([]);
});

it('error: without the package it says what to install; what the package itself throws is passed on', async () => {
  await expect(loadDbos(failing('ERR_MODULE_NOT_FOUND'))).rejects.toMatchObject({
    name: 'ConfigError',
    code: 'package.missing',
    message: expect.stringContaining('npm install @dbos-inc/dbos-sdk@5.3.0'),
  });
  await expect(loadDbos(failing('ERR_DLOPEN_FAILED'))).rejects.toMatchObject({ code: 'ERR_DLOPEN_FAILED' });
});
