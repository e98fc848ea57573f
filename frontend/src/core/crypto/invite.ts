import { type Octets, equal, fromBase64Url, fromHex, toBase64Url } from "./octets";

/** The part of an invite link after `#`; it never reaches the server. */
export interface InviteLink {
  inviteId: string;
  secret: Octets;
  /** First 16 octets of the compliance certificate's fingerprint. */
  compliance: Octets;
}

export class InviteLinkInvalid extends Error {}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

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
