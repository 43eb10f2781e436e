import { describe, expect, it } from 'vitest';
import { readSecrets } from './venue-secrets.ts';

describe('readSecrets', () => {
  it('default: from the environment, by the venue’s names', () => {
    const environment = {
      PERPDESK_OKX_API_KEY: 'a',
      PERPDESK_OKX_SECRET: ' b ',
      PERPDESK_OKX_PASSWORD: 'c',
      OTHER: 'd',
    };
    expect(readSecrets('okx', environment, '')).toEqual({ apiKey: 'a', secret: 'b', password: 'c' });
  });

  it('behavior: lines come first; a value may hold an equals sign; what not every account has may be left out', () => {
    const environment = { PERPDESK_ASTER_WALLET_ADDRESS: '0xold', PERPDESK_ASTER_PRIVATE_KEY: '0xkey' };
    expect(readSecrets('aster', environment, '\nwalletAddress = 0xnew==\r\n')).toEqual({
      ...{ walletAddress: '0xnew==', privateKey: '0xkey' },
    });
  });

  it('error: what is missing is named with its variable, and no value is', () => {
    const failing = () => readSecrets('hyperliquid', { PERPDESK_HYPERLIQUID_WALLET_ADDRESS: '0xcanary' }, '');
    expect(failing).toThrow(
      'hyperliquid needs privateKey: set PERPDESK_HYPERLIQUID_PRIVATE_KEY, or give name=value lines on standard input.',
    );
    expect(() => readSecrets('okx', {}, '0xcanary')).toThrow(
      'Standard input takes lines such as apiKey=…, of apiKey, secret, password.',
    );
    expect(() => readSecrets('okx', {}, 'apikey=0xcanary')).not.toThrow('canary');
  });
});
