import type { PrivateKey } from "openpgp/lightweight";
import { hkdf } from "./derive";
import { type Octets, concat, fromUtf8, random, utf8 } from "./octets";

const NONCE_OCTETS = 12;
const DOMAIN = "sealcast/local/v1/device";

/** The parts of an OpenPGP.js secret key that its type definitions leave out. */
interface SecretParams {
  privateParams: { seed: Uint8Array };
}

/**
 * The key of everything readable that this device keeps: it comes from the account's own secret key, so it is gone
 * while the keys are locked, and a new password or the recovery key opens it all the same.
 */
export async function localKeyOf(key: PrivateKey, domain = DOMAIN): Promise<CryptoKey> {
  const { seed } = (key.keyPacket as unknown as SecretParams).privateParams;
  return crypto.subtle.importKey("raw", await hkdf(concat(seed), domain), "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** Encrypts a value that waits on this device. */
export async function sealLocal(value: unknown, key: CryptoKey): Promise<Octets> {
  const iv = random(NONCE_OCTETS);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, utf8(JSON.stringify(value)));
  return concat(iv, new Uint8Array(sealed));
}

/** The value, or undefined when another key locked it. */
export async function openLocal<T>(sealed: Octets, key: CryptoKey): Promise<T | undefined> {
  try {
    const parameters = { name: "AES-GCM", iv: sealed.slice(0, NONCE_OCTETS) };
    const octets = await crypto.subtle.decrypt(parameters, key, sealed.slice(NONCE_OCTETS));
    return JSON.parse(fromUtf8(new Uint8Array(octets))) as T;
  } catch {
    return undefined;
  }
}
