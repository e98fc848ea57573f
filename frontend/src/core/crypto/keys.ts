import { type PrivateKey, decryptKey, encryptKey, generateKey } from "openpgp/lightweight";
import { type Octets, concat, toBase64Url } from "./octets";
import { CONFIG, readSecretKey } from "./profile";

/** The key could not be unlocked with this secret. */
export class UnlockFailed extends Error {}

/** A user's key pair; its one User ID is the user name. */
export async function generateUserKey(username: string, now: Date): Promise<PrivateKey> {
  const { privateKey } = await generateKey({
    type: "curve25519",
    userIDs: [{ name: username }],
    date: now,
    format: "object",
    config: CONFIG,
  });
  return privateKey;
}

/** A room's key pair of one epoch: no User ID, no expiry. */
export async function generateRoomKey(now: Date): Promise<PrivateKey> {
  const { privateKey } = await generateKey({
    type: "curve25519",
    userIDs: [],
    date: now,
    format: "object",
    config: CONFIG,
  });
  return privateKey;
}

/** The secret key, each secret encrypted under the passphrase `b64url(lock)`. */
export async function lockKey(key: PrivateKey, lock: Octets): Promise<Octets> {
  const locked = await encryptKey({ privateKey: key, passphrase: toBase64Url(lock), config: CONFIG });
  return octetsOf(locked);
}

export async function unlockKey(locked: Octets, lock: Octets): Promise<PrivateKey> {
  const privateKey = await readSecretKey(locked);
  try {
    return await decryptKey({ privateKey, passphrase: toBase64Url(lock), config: CONFIG });
  } catch {
    throw new UnlockFailed("the key does not open with this password or recovery key");
  }
}

/** A key as packets, in a buffer of its own. */
export const octetsOf = (key: { write(): Uint8Array }): Octets => concat(key.write());
