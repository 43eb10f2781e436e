import type { Exchange } from 'ccxt';
import { ConfigError } from '../errors/config-error.ts';
import type { AccountRequest, SignedRequest } from './account-requests.ts';
import { signPlainly } from './sign-request.ts';

/** ccxt's names of what signs each kind of transaction; nothing that moves money or makes a key. */
const signers: Readonly<Record<string, string>> = {
  create: 'lighterSignCreateOrder',
  modify: 'lighterSignModifyOrder',
  cancel: 'lighterSignCancelOrder',
  'cancel-all': 'lighterSignCancelAllOrders',
  leverage: 'lighterSignUpdateLeverage',
};

/**
 * Signs a transaction of Lighter: `params` is `{ kind, fields }` with the fields by ccxt's names. The integrator's are
 * always none. Sent as a form, as the venue takes it.
 * @throws ConfigError `venue.method-refused` for another kind
 */
export function signLighterTransaction(exchange: Exchange, request: AccountRequest): SignedRequest {
  if (request.path !== 'sendTx') return signPlainly(exchange, request);
  const { kind, fields } = request.params as { readonly kind?: unknown; readonly fields?: object };
  const name = signers[String(kind)];
  const sign: unknown = name === undefined ? undefined : Reflect.get(exchange, name);
  if (typeof sign !== 'function')
    throw new ConfigError('venue.method-refused', `A transaction "${kind}" may not be signed by this client.`);
  const { accountIndex, apiKeyIndex, auths } = exchange.options;
  const signer: unknown = Object(Object(Object(auths)[accountIndex])[apiKeyIndex]).signer;
  const signed: unknown = Reflect.apply(sign, exchange, [
    signer,
    {
      ...fields,
      ...{ integrator_account_index: 0, integrator_taker_fee: 0, integrator_maker_fee: 0 },
      ...{ nonce: exchange.milliseconds(), api_key_index: Number(apiKeyIndex), account_index: Number(accountIndex) },
    },
  ]);
  const [type, info] = Array.isArray(signed) ? signed : [];
  const boundary = `perpdesk${exchange.milliseconds()}`;
  const plain = exchange.sign('sendTx', 'public', 'POST', {});
  return {
    url: String(plain.url),
    method: 'POST',
    headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
    body: form(boundary, { tx_type: String(type), tx_info: String(info) }),
  };
}

function form(boundary: string, fields: Readonly<Record<string, string>>): string {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return `${parts.join('')}--${boundary}--\r\n`;
}
