import { type Octets, concat, equal, random, sha256, utf8 } from "./octets";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const KEY_OCTETS = 18;
const CHECK_OCTETS = 2;
const TEXT_CHARS = 32;

export class RecoveryKeyInvalid extends Error {}

export const newRecoveryKey = (): Octets => random(KEY_OCTETS);

/** Eight groups of four characters, Crockford base32, the last 16 bits a checksum. */
export async function recoveryText(key: Octets): Promise<string> {
  const octets = concat(key, await checksum(key));
  let bits = 0;
  let value = 0;
  let text = "";
  for (const octet of octets) {
    value = (value << 8) | octet;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((value >> bits) & 31);
    }
    value &= (1 << bits) - 1;
  }
  return (text.match(/.{4}/g) ?? []).join("-");
}

/** Ignores case, spaces and dashes; takes `O` for `0`, `I` and `L` for `1`. */
export async function parseRecoveryText(text: string): Promise<Octets> {
  const clean = text.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  if (clean.length !== TEXT_CHARS) throw new RecoveryKeyInvalid("A recovery key has 32 characters.");
  const octets = new Uint8Array(KEY_OCTETS + CHECK_OCTETS);
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const char of clean) {
    const digit = ALPHABET.indexOf(char);
    if (digit < 0) throw new RecoveryKeyInvalid("A character in it does not occur in recovery keys.");
    value = (value << 5) | digit;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      octets[at++] = (value >> bits) & 255;
      value &= (1 << bits) - 1;
    }
  }
  const key = octets.slice(0, KEY_OCTETS);
  if (!equal(octets.slice(KEY_OCTETS), await checksum(key))) {
    throw new RecoveryKeyInvalid("There is a mistake in the recovery key: its checksum does not match.");
  }
  return key;
}

async function checksum(key: Octets): Promise<Octets> {
  return (await sha256(concat(utf8("sealcast/v1/recovery-key"), key))).slice(0, CHECK_OCTETS);
}
