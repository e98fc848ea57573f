import { fromInviteSecret } from "./derive";
import { InviteLinkInvalid } from "./invite";
import { type Octets, concat, random, sha256, utf8 } from "./octets";

const NONCE_OCTETS = 12;
const LOCKED_OCTETS = 60;

/** Locks a blob key of a room under a link's secret. */
export type InviteLock = (at: { room: string; epoch: number }, blobKey: Octets) => Promise<Octets>;

/** A new secret, what the maker registers for it, and what locks further keys under it. */
export async function lockForInvite(
  at: { room: string; epoch: number },
  blobKey: Octets,
): Promise<{ secret: Octets; authHash: Octets; locked: Octets; lock: InviteLock }> {
  const secret = random(32);
  const { auth, lock: lockOctets } = await fromInviteSecret(secret);
  const key = await crypto.subtle.importKey("raw", lockOctets, "AES-GCM", false, ["encrypt"]);
  const lock: InviteLock = async (where, what) => {
    const nonce = random(NONCE_OCTETS);
    const parameters = { name: "AES-GCM", iv: nonce, additionalData: additional(where) };
    return concat(nonce, new Uint8Array(await crypto.subtle.encrypt(parameters, key, what)));
  };
  return { secret, authHash: await sha256(auth), locked: await lock(at, blobKey), lock };
}

/** The blob key that the link unlocks. */
export async function unlockInvite(
  secret: Octets,
  at: { room: string; epoch: number },
  locked: Octets,
): Promise<Octets> {
  if (locked.length !== LOCKED_OCTETS) throw new InviteLinkInvalid("The invite has an unexpected form.");
  const { lock } = await fromInviteSecret(secret);
  const key = await crypto.subtle.importKey("raw", lock, "AES-GCM", false, ["decrypt"]);
  const parameters = { name: "AES-GCM", iv: locked.slice(0, NONCE_OCTETS), additionalData: additional(at) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters, key, locked.slice(NONCE_OCTETS)));
  } catch {
    throw new InviteLinkInvalid("The link does not open this room's key. It may have been changed on the way.");
  }
}

const additional = ({ room, epoch }: { room: string; epoch: number }): Octets =>
  utf8(`sealcast/v1/invite\nroom=${room}\nepoch=${epoch}\n`);
