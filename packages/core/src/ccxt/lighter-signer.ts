import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { ConfigError } from '../errors/config-error.ts';

/** A transaction by ccxt's names of its fields, with whom it is of. */
export type LighterFields = Readonly<Record<string, unknown>>;

interface Kind {
  readonly name: string;
  /** Lighter's number of it, and its own names of the fields, by ccxt's. */
  readonly type: number;
  readonly signed: Readonly<Record<string, string>>;
  /** The signer's names of its arguments, in small letters, where they are not ccxt's. */
  readonly taken: Readonly<Record<string, string>>;
}

const account = { nonce: 'Nonce', api_key_index: 'ApiKeyIndex', account_index: 'AccountIndex' };
const market = { ...account, market_index: 'MarketIndex' };
const order = { base_amount: 'BaseAmount', trigger_price: 'TriggerPrice' };

/** Nothing that moves money or makes a key. Names and numbers: lighter-go, `wasm/main.go` and `types/txtypes`. */
const kinds: Readonly<Record<string, Kind>> = {
  create: {
    name: 'SignCreateOrder',
    type: 14,
    signed: {
      ...{ ...market, ...order, client_order_index: 'ClientOrderIndex', avg_execution_price: 'Price', is_ask: 'IsAsk' },
      ...{ order_type: 'Type', time_in_force: 'TimeInForce', reduce_only: 'ReduceOnly', order_expiry: 'OrderExpiry' },
    },
    taken: { avg_execution_price: 'price' },
  },
  cancel: { name: 'SignCancelOrder', type: 15, signed: { ...market, order_index: 'Index' }, taken: {} },
  'cancel-all': {
    name: 'SignCancelAllOrders',
    type: 16,
    signed: { ...account, time_in_force: 'TimeInForce', time: 'Time' },
    taken: {},
  },
  modify: {
    name: 'SignModifyOrder',
    type: 17,
    signed: { ...market, ...order, index: 'Index', price: 'Price' },
    taken: {},
  },
  leverage: {
    name: 'SignUpdateLeverage',
    type: 20,
    signed: { ...market, initial_margin_fraction: 'InitialMarginFraction', margin_mode: 'MarginMode' },
    taken: { initial_margin_fraction: 'fraction' },
  },
};

/** What no field says: nobody is paid, self-trades expire the maker, every market, the newest order, nonces may be left out. */
const defaults: LighterFields = {
  ...{ integrator_account_index: 0, integrator_taker_fee: 0, integrator_maker_fee: 0 },
  ...{ self_trade_behavior_mode: 0, self_trade_equality_mode: 0, order_version: 0, cancel_all_market_index: 255 },
  skip_nonce: 1,
};

type Call = (...values: readonly unknown[]) => unknown;

/** Node's own, of which its types know nothing. */
const wasm = Reflect.get(globalThis, 'WebAssembly') as {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: unknown): Promise<object>;
};
const modules = new Map<string, Promise<object>>();

/**
 * Lighter's signer, an instance of its own: it puts its functions into the global scope, where a second one takes the place of the
 * first, and knows the keys that it was given alone. It says itself which arguments it takes, in which order; versions differ, and one
 * called by the order of another signs something else.
 */
export class LighterSigner {
  readonly #calls: Readonly<Record<string, Call>>;
  readonly #parameters = new Map<string, readonly string[]>();

  private constructor(calls: Readonly<Record<string, Call>>) {
    this.#calls = calls;
  }

  /** @throws ConfigError `venue.signer-unusable` when the files are no signer */
  static async load(files: { readonly wasmPath: string; readonly execPath: string }): Promise<LighterSigner> {
    try {
      await import(pathToFileURL(files.execPath).href);
      const module = modules.get(files.wasmPath) ?? readFile(files.wasmPath).then((bytes) => wasm.compile(bytes));
      modules.set(files.wasmPath, module);
      const made: unknown = Reflect.construct(Object(Reflect.get(globalThis, 'Go')), []);
      const { importObject } = made as { readonly importObject: unknown };
      const instance = await wasm.instantiate(await module, importObject);
      const run: unknown = Reflect.get(Object(made), 'run');
      // Runs until it waits for calls: from here to the last function taken nobody else comes between.
      const running: unknown = Reflect.apply(run as Call, made, [instance]);
      Promise.resolve(running).catch(() => undefined);
      const calls: Record<string, Call> = {};
      for (const name of ['CreateClient', 'CreateAuthToken', ...Object.values(kinds).map((kind) => kind.name)]) {
        const call: unknown = Reflect.get(globalThis, name);
        if (typeof call === 'function') calls[name] = (...values) => Reflect.apply(call, undefined, values);
      }
      return new LighterSigner(calls);
    } catch (cause) {
      modules.delete(files.wasmPath);
      throw new ConfigError(
        'venue.signer-unusable',
        `${files.wasmPath} and ${files.execPath} are no signer of Lighter.`,
        {
          cause,
        },
      );
    }
  }

  /** Takes a key of an account. @throws ConfigError `venue.key-refused` */
  createClient(url: string, key: string, chainId: number, apiKeyIndex: number, accountIndex: number): void {
    const { error } = this.#call('CreateClient', [url, key, chainId, apiKeyIndex, accountIndex]);
    // What it says may repeat the key.
    if (error !== undefined) throw new ConfigError('venue.key-refused', "Lighter's signer does not take the API key.");
  }

  /** @throws ConfigError `venue.signer-refused` */
  createAuthToken(deadlineS: number, apiKeyIndex: number, accountIndex: number): string {
    const { authToken, error } = this.#call('CreateAuthToken', [deadlineS, apiKeyIndex, accountIndex]);
    if (typeof authToken !== 'string') throw refused('CreateAuthToken', error);
    return authToken;
  }

  /** True where a transaction may carry any nonce above the last; else it must be the next. */
  get skipsNonces(): boolean {
    return this.#takes('SignCreateOrder').includes('skipnonce');
  }

  /**
   * Signs a transaction: its type, and the JSON that is sent.
   * @throws ConfigError `venue.method-refused` for another kind; `venue.signer-outdated` where the signer has no place for a field;
   * `venue.signer-refused` for what the signer does not take; `venue.signer-mismatch` when it signed anything but what was asked
   */
  sign(kindName: string, fields: LighterFields): readonly [type: number, info: string] {
    const kind = kinds[kindName];
    if (kind === undefined)
      throw new ConfigError('venue.method-refused', `A transaction "${kindName}" may not be signed by this client.`);
    const parameters = this.#takes(kind.name);
    const given = new Map<string, unknown>();
    const taken = (name: string): string => kind.taken[name] ?? name.replaceAll('_', '').toLowerCase();
    for (const [name, value] of Object.entries({ ...defaults, ...fields })) given.set(taken(name), value);
    const homeless = Object.keys(fields).find(
      (name) => !parameters.includes(taken(name)) && !(name in defaults && fields[name] === defaults[name]),
    );
    if (homeless !== undefined)
      throw new ConfigError('venue.signer-outdated', `Lighter's signer has no ${homeless} in ${kind.name}.`);
    const values = parameters.map((name) => {
      if (!given.has(name)) throw refused(kind.name, `it takes a ${name} that is not known here`);
      return Number(given.get(name));
    });
    const { txType, txInfo, error } = this.#call(kind.name, values);
    if (typeof txInfo !== 'string') throw refused(kind.name, error);
    requireAsked(kind, fields, txType, txInfo);
    return [kind.type, txInfo];
  }

  /** A call without arguments is answered by their names. */
  #takes(name: string): readonly string[] {
    const known = this.#parameters.get(name);
    if (known !== undefined) return known;
    const usage = /expects \d+ args?: (.*)$/.exec(String(this.#call(name, []).error))?.[1];
    if (usage === undefined)
      throw new ConfigError('venue.signer-unusable', `Lighter's signer does not say what its ${name} takes.`);
    const parameters = usage.split(',').map((each) => each.trim().toLowerCase());
    this.#parameters.set(name, parameters);
    return parameters;
  }

  #call(name: string, values: readonly unknown[]): Readonly<Record<string, unknown>> {
    const call = this.#calls[name];
    if (call === undefined) throw new ConfigError('venue.signer-unusable', `Lighter's signer has no ${name}.`);
    return Object(call(...values));
  }
}

/** Holds what was signed to what was asked, field by field, and to paying nobody. */
function requireAsked(kind: Kind, fields: LighterFields, type: unknown, text: string): void {
  const info: Readonly<Record<string, unknown>> = Object(JSON.parse(text));
  const differs = Object.entries(kind.signed).find(([name, signed]) => {
    // The venue's default expiry is put in by the signer.
    if (name === 'order_expiry' && Number(fields[name]) === -1) return !(Number(info[signed]) > 0);
    return Number(info[signed]) !== Number(fields[name]);
  });
  const attributes = Object.entries({ ...info, ...Object(info.L2TxAttributes) });
  const paid = attributes.find(([name, value]) => /^([123]|Integrator.*)$/.test(name) && Number(value) !== 0);
  const wrong = Number(type) === kind.type ? (differs?.[1] ?? paid?.[0]) : 'type';
  if (wrong === undefined) return;
  throw new ConfigError(
    'venue.signer-mismatch',
    `Lighter's signer signed another ${wrong} than asked; nothing was sent.`,
  );
}

const refused = (name: string, why: unknown): ConfigError =>
  new ConfigError('venue.signer-refused', `${name} of Lighter's signer: ${String(why).slice(0, 200)}`);
