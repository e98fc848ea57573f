import {
  type Config,
  type Key,
  type PrivateKey,
  config as defaults,
  enums,
  readKey,
  readPrivateKey,
} from "openpgp/lightweight";
import type { Octets } from "./octets";

/** The OpenPGP profile of docs/protocol.md, section 1: v6 only, AES-256, GCM written, GCM and OCB read. */
export const CONFIG: Config = {
  ...defaults,
  v6Keys: true,
  aeadProtect: true,
  preferredAEADAlgorithm: enums.aead.gcm,
  preferredSymmetricAlgorithm: enums.symmetric.aes256,
  preferredHashAlgorithm: enums.hash.sha512,
  preferredCompressionAlgorithm: enums.compression.uncompressed,
  s2kType: enums.s2k.iterated,
  s2kIterationCountByte: 96,
  ignoreUnsupportedPackets: false,
  ignoreMalformedPackets: false,
  maxDecompressedMessageSize: 65_536,
  maxArgon2MemoryExponent: 17,
  showVersion: false,
  showComment: false,
};

export const ENVELOPE_OCTETS_MAX = 65_536;
export const CERTIFICATE_OCTETS_MAX = 4_096;

export class ProfileError extends Error {}

/** Reads a v6 certificate with one Ed25519 primary key and one X25519 subkey, and nothing secret. */
export async function readCertificate(octets: Octets): Promise<Key> {
  if (octets.length > CERTIFICATE_OCTETS_MAX) throw new ProfileError("the certificate is too large");
  const key = await readKey({ binaryKey: octets, config: CONFIG });
  if (key.isPrivate()) throw new ProfileError("the certificate holds secret keys");
  return checked(key);
}

/** Reads a transferable secret key of the profile, locked or not. */
export async function readSecretKey(octets: Octets): Promise<PrivateKey> {
  return checked(await readPrivateKey({ binaryKey: octets, config: CONFIG }));
}

/** The fingerprint of the X25519 subkey, which a PKESK names. */
export function subkeyFingerprint(key: Key): string {
  const subkey = key.subkeys[0];
  if (!subkey) throw new ProfileError("the certificate has no encryption subkey");
  return subkey.getFingerprint();
}

/** The time, but not before the keys were made: another client's clock may be seconds ahead. */
export const notBefore = (now: Date, ...keys: Key[]): Date =>
  new Date(Math.max(now.getTime(), ...keys.map((key) => key.getCreationTime().getTime())));

function checked<K extends Key>(key: K): K {
  const [subkey] = key.subkeys;
  const algorithms = [key.keyPacket.algorithm, subkey?.keyPacket.algorithm];
  if (key.keyPacket.version !== 6 || key.subkeys.length !== 1 || key.users.length > 1) {
    throw new ProfileError("the key is not of the v6 profile");
  }
  if (algorithms[0] !== enums.publicKey.ed25519 || algorithms[1] !== enums.publicKey.x25519) {
    throw new ProfileError("the key is not Ed25519 with X25519");
  }
  return key;
}
