import { type Octets, random, utf8 } from "./octets";

/** Parameters of the password derivation; Argon2id, version 0x13, one lane, 32 octets out. */
export interface KdfParameters {
  m_kib: number;
  t: number;
  p: number;
  salt: Octets;
}

/** Two secrets from one: `auth` is sent to the server, `lock` never leaves the client. */
export interface Derived {
  auth: Octets;
  lock: Octets;
}

const LIMITS = { m_kib: { min: 19_456, max: 262_144 }, t: { min: 2, max: 10 } } as const;
const DOMAINS = {
  password: { auth: "sealcast/v1/auth", lock: "sealcast/v1/lock" },
  recovery: { auth: "sealcast/v1/recovery/auth", lock: "sealcast/v1/recovery/lock" },
  invite: { auth: "sealcast/v1/invite/auth", lock: "sealcast/v1/invite/lock" },
} as const;

/** Whoever asks for weaker (or exhausting) parameters, the client refuses. */
export class KdfRefused extends Error {}

export const newKdf = (): KdfParameters => ({ m_kib: 65_536, t: 3, p: 1, salt: random(16) });

export async function fromPassword(password: string, kdf: KdfParameters): Promise<Derived> {
  checkKdf(kdf);
  // Its WebAssembly is loaded when somebody signs in, not before.
  const { argon2id } = await import("hash-wasm");
  const master = await argon2id({
    password: utf8(password.normalize("NFKC")),
    salt: kdf.salt,
    memorySize: kdf.m_kib,
    iterations: kdf.t,
    parallelism: 1,
    hashLength: 32,
    outputType: "binary",
  });
  return both(new Uint8Array(master), DOMAINS.password);
}

export const fromRecoveryKey = (key: Octets): Promise<Derived> => both(key, DOMAINS.recovery);

export const fromInviteSecret = (secret: Octets): Promise<Derived> => both(secret, DOMAINS.invite);

/** HKDF-SHA256, empty salt, 32 octets. */
export async function hkdf(ikm: Octets, info: string): Promise<Octets> {
  const key = await crypto.subtle.importKey("raw", ikm, "HKDF", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: utf8(info) },
    key,
    256,
  );
  return new Uint8Array(bits);
}

async function both(ikm: Octets, domain: { auth: string; lock: string }): Promise<Derived> {
  return { auth: await hkdf(ikm, domain.auth), lock: await hkdf(ikm, domain.lock) };
}

function checkKdf({ m_kib, t, p, salt }: KdfParameters): void {
  const inside = (value: number, { min, max }: { min: number; max: number }) =>
    Number.isInteger(value) && value >= min && value <= max;
  if (!inside(m_kib, LIMITS.m_kib) || !inside(t, LIMITS.t) || p !== 1 || salt.length !== 16) {
    throw new KdfRefused(`key-derivation parameters outside the allowed range: m=${m_kib} t=${t} p=${p}`);
  }
}
