import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/** One field of a flat EIP-712 struct. */
export interface TypedField {
  readonly name: string;
  readonly type: 'string' | 'address' | 'bool' | 'uint64' | 'bytes32';
}

/** What a wallet signs under EIP-712: a domain, a struct without nested structs, and its values. */
export interface TypedData {
  readonly domain: { readonly name: string; readonly version: string; readonly chainId: number };
  readonly primaryType: string;
  readonly fields: readonly TypedField[];
  readonly message: Readonly<Record<string, unknown>>;
}

const domainType = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)';
const zeroWord = new Uint8Array(32);
const hashText = (text: string): Uint8Array => keccak_256(utf8ToBytes(text));

/**
 * The 32 bytes that are signed for typed data: keccak(0x1901 ‖ domain separator ‖ struct hash), with the zero address as the
 * verifying contract. After EIP-712 (eips.ethereum.org/EIPS/eip-712).
 * @throws RangeError when a value does not fit its type.
 */
export function typedDataDigest(data: TypedData): Uint8Array {
  const separator = keccak_256(
    concatBytes(
      hashText(domainType),
      hashText(data.domain.name),
      hashText(data.domain.version),
      word(BigInt(data.domain.chainId)),
      zeroWord,
    ),
  );
  const declared = `${data.primaryType}(${data.fields.map((field) => `${field.type} ${field.name}`).join(',')})`;
  const values = data.fields.map((field) => encode(field, data.message[field.name]));
  return keccak_256(
    concatBytes(Uint8Array.of(0x19, 0x01), separator, keccak_256(concatBytes(hashText(declared), ...values))),
  );
}

function encode(field: TypedField, value: unknown): Uint8Array {
  if (field.type === 'string') return hashText(String(value ?? ''));
  if (field.type === 'bool') return word(value === true ? 1n : 0n);
  if (field.type === 'uint64') return word(BigInt(String(value)));
  const bytes = hexToBytes(String(value).replace(/^0x/i, ''));
  if (bytes.length > 32) throw new RangeError(`${field.name} has ${bytes.length} bytes, at most 32 fit.`);
  const padded = new Uint8Array(32);
  padded.set(bytes, 32 - bytes.length);
  return padded;
}

function word(value: bigint): Uint8Array {
  if (value < 0n) throw new RangeError(`${value} is negative.`);
  return hexToBytes(value.toString(16).padStart(64, '0'));
}
