import { bodyLength, frames } from "../core/crypto/framing";
import { type Octets, concat, equal, fromUtf8, sha256, toHex, utf8 } from "../core/crypto/octets";

/*
 * As much of RFC 9580 as an offline check of exports needs: the fingerprint and the key of a v6 Ed25519 certificate, and
 * detached v6 signatures with one notation. No library: this page is one file that anybody can read.
 */

export interface SigningKey {
  fingerprint: string;
  key: CryptoKey;
}

const TAG = { signature: 2, publicKey: 6 };
const ED25519 = 27;
const SHA512 = 10;
const SUBPACKET = { created: 2, issuerFingerprint: 33, notation: 20 };

/** The primary key of a certificate. Its fingerprint binds it to the leaf; names are what the exporter wrote. */
export async function readPrimaryKey(certificate: Octets): Promise<SigningKey> {
  const [first] = frames(certificate) ?? [];
  if (!first || first.tag !== TAG.publicKey || first.partial) throw new Error("it is not a certificate");
  const body = bodyOf(certificate, first);
  // Version, creation time, algorithm, octets of the key, the key.
  const form = body.length === 42 && body[0] === 6 && body[5] === ED25519 && equal(body.slice(6, 10), u32(32));
  if (!form) throw new Error("its key is not Ed25519 of version 6");
  const fingerprint = toHex(await sha256(concat(Uint8Array.of(0x9b), u32(body.length), body)));
  const key = await crypto.subtle.importKey("raw", body.slice(10), "Ed25519", false, ["verify"]);
  return { fingerprint, key };
}

/** Verifies a detached signature over `data` and gives its notation's value; throws when anything is wrong. */
export async function verifySignature(
  data: Octets,
  signature: Octets,
  signer: SigningKey,
  notationName: string,
): Promise<string> {
  const found = frames(signature);
  const [frame] = found ?? [];
  if (found?.length !== 1 || !frame || frame.tag !== TAG.signature || frame.partial)
    throw new Error("it is not one signature");
  const body = bodyOf(signature, frame);
  if (body[0] !== 6 || body[1] !== 0 || body[2] !== ED25519 || body[3] !== SHA512) {
    throw new Error("it is not an Ed25519 signature of binary data with SHA-512");
  }
  const hashedLength = readU32(body, 4);
  const hashed = body.slice(8, 8 + hashedLength);
  let at = 8 + hashedLength;
  at += 4 + readU32(body, at);
  const left = body.slice(at, at + 2);
  const saltLength = body[at + 2] ?? 0;
  const salt = body.slice(at + 3, at + 3 + saltLength);
  const value = body.slice(at + 3 + saltLength);
  if (saltLength !== 32 || value.length !== 64) throw new Error("its form is wrong");
  const covered = body.slice(0, 8 + hashedLength);
  const trailer = concat(Uint8Array.of(6, 0xff), u32(covered.length));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", concat(salt, data, covered, trailer)));
  if (!equal(digest.slice(0, 2), left)) throw new Error("it does not verify");
  if (!(await crypto.subtle.verify("Ed25519", signer.key, value, digest))) throw new Error("it does not verify");
  return notation(hashed, signer.fingerprint, notationName);
}

/** Every hashed subpacket is looked at: one notation, the right issuer, nothing critical that is not understood. */
function notation(hashed: Octets, fingerprint: string, name: string): string {
  const values: string[] = [];
  let at = 0;
  while (at < hashed.length) {
    const first = hashed[at] ?? 0;
    const [length, begin] =
      first < 192
        ? [first, at + 1]
        : first < 255
          ? [((first - 192) << 8) + (hashed[at + 1] ?? 0) + 192, at + 2]
          : [readU32(hashed, at + 1), at + 5];
    const type = (hashed[begin] ?? 0) & 0x7f;
    const critical = ((hashed[begin] ?? 0) & 0x80) !== 0;
    const content = hashed.slice(begin + 1, begin + length);
    if (type === SUBPACKET.notation) {
      const nameLength = ((content[4] ?? 0) << 8) + (content[5] ?? 0);
      if (content[0] !== 0x80 || critical || fromUtf8(content.slice(8, 8 + nameLength)) !== name) {
        throw new Error("its notation has another name or form");
      }
      values.push(fromUtf8(content.slice(8 + nameLength)));
    } else if (type === SUBPACKET.issuerFingerprint) {
      if (toHex(content.slice(1)) !== fingerprint) throw new Error("it names another certificate");
    } else if (type !== SUBPACKET.created && critical) {
      throw new Error("it carries something critical that is not understood");
    }
    at = begin + length;
  }
  const [value] = values;
  if (values.length !== 1 || value === undefined) throw new Error("it does not carry exactly one notation");
  return value;
}

/** A packet's body. Data comes in parts (partial body lengths) where its writer did not know how long it becomes. */
function bodyOf(octets: Octets, frame: { start: number; end: number }): Octets {
  const parts: Octets[] = [];
  for (let at = frame.start + 1; at < frame.end;) {
    const length = bodyLength(octets, at);
    if (!length) break;
    parts.push(octets.slice(length.next, length.next + length.octets));
    at = length.next + length.octets;
    if (!length.partial) break;
  }
  return concat(...parts);
}

const SEIPD = 18;
const AES256 = 9;
const GCM = 3;
const TAG_OCTETS = 16;
const LITERAL = 11;

/** Opens an envelope with its session key (SEIPD v2, AES-256-GCM) and gives the one binary literal that it holds. */
export async function openEnvelope(envelope: Octets, sessionKey: Octets): Promise<Octets> {
  const data = frames(envelope)?.at(-1);
  if (!data || data.tag !== SEIPD) throw new Error("it has no encrypted data");
  const body = bodyOf(envelope, data);
  if (body[0] !== 2 || body[1] !== AES256 || body[2] !== GCM || (body[3] ?? 99) > 16) {
    throw new Error("its cipher is not AES-256-GCM, which is all that this page opens");
  }
  const info = concat(Uint8Array.of(0xc0 | SEIPD), body.slice(0, 4));
  const base = await crypto.subtle.importKey("raw", sessionKey, "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt: body.slice(4, 36), info };
  // The key, and the four octets of the nonce that do not count.
  const derived = new Uint8Array(await crypto.subtle.deriveBits(parameters, base, (32 + 4) * 8));
  const key = await crypto.subtle.importKey("raw", derived.slice(0, 32), "AES-GCM", false, ["decrypt"]);
  const iv = derived.slice(32, 36);
  const chunk = 2 ** ((body[3] ?? 0) + 6) + TAG_OCTETS;
  const cipher = body.slice(36, -TAG_OCTETS);
  const decrypt = async (octets: Octets, index: number, more: Octets): Promise<Octets> => {
    const algorithm = { name: "AES-GCM", iv: concat(iv, u64(index)), additionalData: concat(info, more) };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, octets));
  };
  const clear: Octets[] = [];
  let index = 0;
  for (let at = 0; at < cipher.length; at += chunk) {
    clear.push(await decrypt(cipher.slice(at, at + chunk), index, new Uint8Array(0)));
    index += 1;
  }
  const total = clear.reduce((sum, part) => sum + part.length, 0);
  await decrypt(body.slice(-TAG_OCTETS), index, u64(total));
  return literal(concat(...clear));
}

/** Only one binary literal; its length may be partial. */
function literal(inner: Octets): Octets {
  const [frame] = frames(inner) ?? [];
  if (!frame || frame.tag !== LITERAL || frame.end !== inner.length) throw new Error("its content is not one literal");
  const body = bodyOf(inner, frame);
  if (body[0] !== 0x62) throw new Error("its content is not binary");
  return body.slice(2 + (body[1] ?? 0) + 4);
}

const u32 = (value: number): Octets => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
const u64 = (value: number): Octets => concat(u32(Math.floor(value / 2 ** 32)), u32(value % 2 ** 32));
const readU32 = (octets: Uint8Array, at: number): number =>
  octets.slice(at, at + 4).reduce((value, octet) => value * 256 + octet, 0);

/** What a sender's signature commits to. */
export const commitment = (sessionKey: Octets): Promise<Octets> =>
  sha256(concat(utf8("sealcast/v1/sk-commit\0"), sessionKey));
