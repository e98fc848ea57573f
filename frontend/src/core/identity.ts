import type { PrivateKey } from "openpgp/lightweight";
import { api } from "../api/client";
import type { Kdf, LoginReply } from "../api/types";
import { type Derived, type KdfParameters, fromPassword, fromRecoveryKey } from "./crypto/derive";
import { unlockKey } from "./crypto/keys";
import { localKeyOf } from "./crypto/local";
import { fromBase64, toBase64 } from "./crypto/octets";
import type { Credentials, Me } from "./model";

/** A signed-in person with open keys; exists in the core's memory only. */
export interface Identity extends Me {
  key: PrivateKey;
  sessionId: string;
  expiresAt: number;
  /** Encrypts what is kept readable on this device. */
  localKey: CryptoKey;
}

/** User names are compared by the server in this form, and the certificate's User ID must equal it. */
export const normalUsername = (typed: string): string => typed.trim().normalize("NFKC").toLowerCase();

/** Proves the password or the recovery key, and opens the locked key that the server answers with. */
export async function login({ username, secret, code }: Credentials): Promise<Identity> {
  const name = normalUsername(username);
  const derived = await derivedOf(name, secret);
  const proof = { kind: secret.kind, auth: toBase64(derived.auth) };
  const reply = await api.login(name, proof, "cookie", code);
  const key = await unlockKey(fromBase64(reply.locked_key), derived.lock);
  return identityOf(reply, key);
}

/** What a password or a recovery key derives to for an account; the server names a password's parameters. */
export async function derivedOf(username: string, { kind, text }: Credentials["secret"]): Promise<Derived> {
  if (kind === "password") return fromPassword(text, parameters(await api.prelogin(username)));
  const { parseRecoveryText } = await import("./crypto/recovery");
  return fromRecoveryKey(await parseRecoveryText(text));
}

const parameters = (kdf: Kdf): KdfParameters => ({ m_kib: kdf.m_kib, t: kdf.t, p: kdf.p, salt: fromBase64(kdf.salt) });

/** The signed-in person, once the answer is known to be about this key. */
export async function identityOf({ account, session }: LoginReply, key: PrivateKey): Promise<Identity> {
  if (account.fingerprint !== key.getFingerprint()) {
    throw new Error("The server answered with the key of another account.");
  }
  return {
    userId: account.user_id,
    username: account.username,
    // The account's, unless that needs a code and this session had none.
    role: session.role,
    fingerprint: account.fingerprint,
    key,
    sessionId: session.session_id,
    expiresAt: Date.parse(session.expires_at),
    localKey: await localKeyOf(key),
  };
}
