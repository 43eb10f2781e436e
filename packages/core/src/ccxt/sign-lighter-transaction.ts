import type { Exchange } from 'ccxt';
import { ConfigError } from '../errors/config-error.ts';
import type { AccountRequest, SignedRequest } from './account-requests.ts';
import { type LighterFields, LighterSigner } from './lighter-signer.ts';
import { signPlainly } from './sign-request.ts';

/** What ccxt keeps of an account's key. */
interface Auth {
  readonly lighterPrivateKey?: string;
  signer?: unknown;
}

/**
 * Loads the signer with the account's key.
 * @throws ConfigError `credentials.missing`, `credentials.invalid` for an index that is no API key's, `venue.key-refused`,
 * `venue.signer-unusable`
 */
export async function loadLighterSigner(exchange: Exchange): Promise<LighterSigner> {
  const { libraryPath, wasmExecPath, chainId } = exchange.options;
  const { auth, apiKeyIndex, accountIndex } = authOf(exchange);
  if (auth.signer instanceof LighterSigner) return auth.signer;
  if (auth.lighterPrivateKey === undefined)
    throw new ConfigError(
      'credentials.missing',
      'A lighter API key is needed in options.auths[account][index]; none is registered by itself.',
    );
  if (!(Number.isInteger(apiKeyIndex) && apiKeyIndex >= 4 && apiKeyIndex <= 254))
    throw new ConfigError('credentials.invalid', `API keys of Lighter have an index of 4 to 254, not ${apiKeyIndex}.`);
  const signer = await LighterSigner.load({ wasmPath: String(libraryPath), execPath: String(wasmExecPath) });
  // It never asks the venue: every nonce is given.
  signer.createClient('http://127.0.0.1', auth.lighterPrivateKey, Number(chainId), apiKeyIndex, accountIndex);
  auth.signer = signer;
  return signer;
}

/**
 * Puts the signer in the place of ccxt's way to it, which is one for all clients of the process, so that the last one opened takes
 * the keys from the others, and calls it by the arguments of one version. What is not of the kinds here can not be signed.
 */
export function replaceLighterSigning(exchange: Exchange): void {
  const sign = (kind: string) => (signer: LighterSigner, fields: LighterFields) => {
    if (!signer.skipsNonces) throw new ConfigError('venue.signer-outdated', 'The nonces of this signer are counted.');
    return signer.sign(kind, fields);
  };
  const none = (): never => {
    throw new ConfigError('venue.method-refused', 'Such a transaction may not be signed by this client.');
  };
  Object.assign(exchange, {
    loadLighterLibrary: () => loadLighterSigner(exchange),
    lighterCreateAuthToken: (signer: LighterSigner, fields: LighterFields) =>
      signer.createAuthToken(Number(fields.deadline), Number(fields.api_key_index), Number(fields.account_index)),
    lighterSignCreateOrder: sign('create'),
    lighterSignModifyOrder: sign('modify'),
    lighterSignCancelOrder: sign('cancel'),
    lighterSignCancelAllOrders: sign('cancel-all'),
    lighterSignUpdateLeverage: sign('leverage'),
    ...{ lighterCreateClient: none, lighterSignCreateGroupedOrders: none, lighterSignWithdraw: none },
    ...{ lighterSignCreateSubAccount: none, lighterSignTransfer: none, lighterSignUpdateMargin: none },
    ...{ lighterSignApproveIntegrator: none, lighterGenerateApiKey: none, lighterSignChangePubkey: none },
  });
}

/** Asks for the next nonce, where the signer can not leave any out: then acts go one after the other. */
export function nextLighterNonce(
  exchange: Exchange,
): Pick<AccountRequest, 'api' | 'path' | 'method' | 'params'> | undefined {
  const { auth, apiKeyIndex, accountIndex } = authOf(exchange);
  if (!(auth.signer instanceof LighterSigner) || auth.signer.skipsNonces) return undefined;
  const params = { account_index: accountIndex, api_key_index: apiKeyIndex };
  return { api: 'public', path: 'nextNonce', method: 'GET', params };
}

/**
 * Signs a transaction of Lighter: `params` is `{ kind, fields }` with the fields by ccxt's names, and a `nonce` where it is counted.
 * The integrator's are always none. Sent as a form, as the venue takes it.
 * @throws ConfigError `venue.method-refused` for another kind, and as {@link LighterSigner.sign}
 */
export function signLighterTransaction(exchange: Exchange, request: AccountRequest): SignedRequest {
  if (request.path !== 'sendTx') return signPlainly(exchange, request);
  const { kind, fields, nonce } = request.params as Readonly<Record<string, unknown>>;
  const { auth, apiKeyIndex, accountIndex } = authOf(exchange);
  if (!(auth.signer instanceof LighterSigner))
    throw new ConfigError('venue.signer-missing', "Lighter's signer is not loaded.");
  const [type, info] = auth.signer.sign(String(kind), {
    ...Object(fields),
    ...{ nonce: nonce ?? exchange.milliseconds(), api_key_index: apiKeyIndex, account_index: accountIndex },
  });
  const boundary = `perpdesk${exchange.milliseconds()}`;
  const plain = exchange.sign('sendTx', 'public', 'POST', {});
  return {
    url: String(plain.url),
    method: 'POST',
    headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
    body: form(boundary, { tx_type: String(type), tx_info: info }),
  };
}

function authOf(exchange: Exchange): {
  readonly auth: Auth;
  readonly apiKeyIndex: number;
  readonly accountIndex: number;
} {
  const { accountIndex, apiKeyIndex, auths } = exchange.options;
  const auth: Auth = Object(Object(Object(auths)[accountIndex])[apiKeyIndex]);
  return { auth, apiKeyIndex: Number(apiKeyIndex), accountIndex: Number(accountIndex) };
}

function form(boundary: string, fields: Readonly<Record<string, string>>): string {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return `${parts.join('')}--${boundary}--\r\n`;
}
