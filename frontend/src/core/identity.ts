import type { PrivateKey } from "openpgp/lightweight";
import { api, serverNow } from "../api/client";
import type { Kdf, LoginReply, RegisterRequest } from "../api/types";
import {
  type Derived,
  type KdfParameters,
  fromInviteSecret,
  fromPassword,
  fromRecoveryKey,
  hkdf,
  newKdf,
} from "./crypto/derive";
import type { InviteLink } from "./crypto/invite";
import { generateUserKey, lockKey, octetsOf, unlockKey } from "./crypto/keys";
import { type Octets, fromBase64, toBase64 } from "./crypto/octets";
import { parseRecoveryText } from "./crypto/recovery";
import type { Credentials, Me } from "./model";

/** A signed-in person with open keys; exists in the core's memory only. */
export interface Identity extends Me {
  key: PrivateKey;
  sessionId: string;
  expiresAt: number;
  /** Encrypts drafts on this device. */
  draftKey: CryptoKey;
}

/** User names are compared by the server in this form, and the certificate's User ID must equal it. */
export const normalUsername = (typed: string): string => typed.trim().normalize("NFKC").toLowerCase();

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
  return identityOf(await api.register(body), key, password);
}

/** Proves the password or the recovery key, and opens the locked key that the server answers with. */
export async function login({ username, secret }: Credentials): Promise<Identity> {
  const name = normalUsername(username);
  const derived = secret.kind === "password" ? await passwordOf(name, secret.text) : await recoveryOf(secret.text);
  const reply = await api.login(name, { kind: secret.kind, auth: toBase64(derived.auth) });
  const key = await unlockKey(fromBase64(reply.locked_key), derived.lock);
  return identityOf(reply, key, derived);
}

const passwordOf = async (username: string, password: string): Promise<Derived> =>
  fromPassword(password, parameters(await api.prelogin(username)));

const recoveryOf = async (text: string): Promise<Derived> => fromRecoveryKey(await parseRecoveryText(text));

const parameters = (kdf: Kdf): KdfParameters => ({ m_kib: kdf.m_kib, t: kdf.t, p: kdf.p, salt: fromBase64(kdf.salt) });

async function identityOf({ account, session }: LoginReply, key: PrivateKey, { lock }: Derived): Promise<Identity> {
  if (account.fingerprint !== key.getFingerprint()) {
    throw new Error("The server answered with the key of another account.");
  }
  return {
    userId: account.user_id,
    username: account.username,
    role: account.role,
    fingerprint: account.fingerprint,
    key,
    sessionId: session.session_id,
    expiresAt: Date.parse(session.expires_at),
    draftKey: await crypto.subtle.importKey("raw", await hkdf(lock, "sealcast/local/v1/drafts"), "AES-GCM", false, [
      "encrypt",
      "decrypt",
    ]),
  };
}
