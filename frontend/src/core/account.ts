import { api, serverNow } from "../api/client";
import type { PasswordRequest, Proof, RegisterRequest } from "../api/types";
import { fromInviteSecret, fromPassword, fromRecoveryKey, newKdf } from "./crypto/derive";
import type { InviteLink } from "./crypto/invite";
import { generateUserKey, lockKey, octetsOf, unlockKey } from "./crypto/keys";
import { type Octets, fromBase64, toBase64 } from "./crypto/octets";
import { type Identity, derivedOf, identityOf, normalUsername } from "./identity";
import type { Credentials } from "./model";

/** Makes keys and secrets, and registers the account. */
export async function register(
  form: { username: string; password: string },
  recoveryKey: Octets,
  link: InviteLink | undefined,
): Promise<Identity> {
  const username = normalUsername(form.username);
  const kdf = newKdf();
  const [password, recovery] = await Promise.all([fromPassword(form.password, kdf), fromRecoveryKey(recoveryKey)]);
  const key = await generateUserKey(username, serverNow());
  const body: RegisterRequest = {
    username,
    auth: toBase64(password.auth),
    kdf: { ...kdf, salt: toBase64(kdf.salt) },
    certificate: toBase64(octetsOf(key.toPublic())),
    locked_key: toBase64(await lockKey(key, password.lock)),
    recovery: { auth: toBase64(recovery.auth), locked_key: toBase64(await lockKey(key, recovery.lock)) },
    session: "cookie",
  };
  if (link) body.invite = { invite_id: link.inviteId, auth: toBase64((await fromInviteSecret(link.secret)).auth) };
  return identityOf(await api.register(body), key);
}

/** Locks the same key under a new password; every other session ends. */
export async function changePassword(
  identity: Identity,
  form: { current: Credentials["secret"]; next: string },
): Promise<{ ended: number }> {
  const proof = await proofOf(identity, form.current);
  const kdf = newKdf();
  const next = await fromPassword(form.next, kdf);
  const body: PasswordRequest = {
    proof,
    auth: toBase64(next.auth),
    kdf: { ...kdf, salt: toBase64(kdf.salt) },
    locked_key: toBase64(await lockKey(identity.key, next.lock)),
  };
  const { revoked } = await api.changePassword(body);
  return { ended: revoked };
}

/** Draws a key for an authenticator app. */
export const beginSecondFactor = async (identity: Identity, secret: Credentials["secret"]) =>
  api.beginSecondFactor(await proofOf(identity, secret));

/** Does without codes from now on. */
export const removeSecondFactor = async (identity: Identity, secret: Credentials["secret"], code: string | undefined) =>
  api.removeSecondFactor(await proofOf(identity, secret), code);

async function proofOf(identity: Identity, secret: Credentials["secret"]): Promise<Proof> {
  return { kind: secret.kind, auth: toBase64((await derivedOf(identity.username, secret)).auth) };
}

/**
 * Lets the server prove that a recovery key still opens the account: signs in with it beside the session that there
 * is, opens the key that comes back, and ends that second session. The attempt is an event of the audit log.
 */
export async function checkRecoveryKey(identity: Identity, typed: string): Promise<void> {
  const { auth, lock } = await derivedOf(identity.username, { kind: "recovery", text: typed });
  const proof = { kind: "recovery" as const, auth: toBase64(auth) };
  const { locked_key, session } = await api.login(identity.username, proof, "token");
  await api.revokeSession(session.session_id);
  const key = await unlockKey(fromBase64(locked_key), lock);
  if (key.getFingerprint() !== identity.fingerprint) throw new Error("It opens another key than yours.");
}
