import { ConfigError } from '../errors/config-error.ts';
import { codeOf } from './store-failure.ts';

/**
 * Loads a package that core only needs when it is used.
 * @throws ConfigError `package.missing` with the install line when it is not there.
 */
export async function loadPeer<Module>(name: string, purpose: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    if (codeOf(cause) !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new ConfigError('package.missing', `${purpose} needs the package ${name}: npm install ${name}`, { cause });
  }
}
