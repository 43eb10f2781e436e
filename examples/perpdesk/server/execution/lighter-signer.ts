import type { CcxtVenueOptions } from '@perpdesk/execution/ccxt';
import type { Environment } from '../language-model.ts';

/** ccxt does not ship Lighter's signer: whoever trades there names its two files in the environment. */
export function lighterSigner({
  PERPDESK_LIGHTER_WASM: wasmPath = '',
  PERPDESK_LIGHTER_WASM_EXEC: execPath = '',
}: Environment): Pick<CcxtVenueOptions, 'signer'> {
  return wasmPath === '' || execPath === '' ? {} : { signer: { wasmPath, execPath } };
}
