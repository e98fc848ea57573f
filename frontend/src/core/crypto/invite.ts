import { fromInviteSecret } from "./derive";
import { type Octets, concat, equal, fromBase64Url, fromHex, random, sha256, toBase64Url, utf8 } from "./octets";

/** The part of an invite link after `#`; it never reaches the server. */
export interface InviteLink {
  inviteId: string;
  secret: Octets;
  /** First 16 octets of the compliance certificate's fingerprint. */
  compliance: Octets;
}

export class InviteLinkInvalid extends Error {}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NONCE_OCTETS = 12;
const LOCKED_OCTETS = 60;

/** Reads a whole link or only what stands after its `#`. */
export function parseInviteLink(link: string): InviteLink {
  const fragment = link.trim().split("#").at(-1) ?? "";
  const [inviteId, secret, compliance, ...rest] = fragment.split(".");
  try {
    const parsed = { secret: fromBase64Url(secret ?? ""), compliance: fromBase64Url(compliance ?? "") };
    if (
      inviteId &&
      UUID.test(inviteId) &&
      parsed.secret.length === 32 &&
      parsed.compliance.length === 16 &&
      !rest.length
    ) {
      return { inviteId, ...parsed };
    }
  } catch {
    // falls through to the one refusal
  }
  throw new InviteLinkInvalid("This is not a complete invite link. Ask for it again and copy all of it.");
}

export const inviteLinkText = (origin: string, link: InviteLink): string =>
  `${origin}/join#${link.inviteId}.${toBase64Url(link.secret)}.${toBase64Url(link.compliance)}`;

/** Whether the link was made for the organisation with this compliance fingerprint. */
export const invitePins = (link: InviteLink, complianceFp: string): boolean =>
  equal(link.compliance, fromHex(complianceFp).slice(0, 16));

/** A new secret, and what the maker registers for it. */
export async function lockForInvite(
  at: { room: string; epoch: number },
  blobKey: Octets,
): Promise<{ secret: Octets; authHash: Octets; locked: Octets }> {
  const secret = random(32);
  const { auth, lock } = await fromInviteSecret(secret);
  const nonce = random(NONCE_OCTETS);
  const key = await crypto.subtle.importKey("raw", lock, "AES-GCM", false, ["encrypt"]);
  const parameters = { name: "AES-GCM", iv: nonce, additionalData: additional(at) };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters, key, blobKey));
  return { secret, authHash: await sha256(auth), locked: concat(nonce, sealed) };
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
