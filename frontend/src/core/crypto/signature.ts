import {
  type Key,
  type PrivateKey,
  type SignaturePacket,
  createMessage,
  enums,
  readSignature,
  sign,
  verify,
} from "openpgp/lightweight";
import { isSinglePacket } from "./framing";
import { type Octets, concat, fromUtf8, utf8 } from "./octets";
import { CONFIG, notBefore } from "./profile";

const SIGNATURE_OCTETS_MAX = 1_024;
const SIGNATURE_TAG = 2;

/** A detached signature of the profile: one v6 Ed25519 packet, SHA-512, with exactly one notation. */
export async function signDetached(
  data: Octets,
  key: PrivateKey,
  notation: { name: string; value: string },
  now: Date,
): Promise<Octets> {
  const signature = await sign({
    message: await createMessage({ binary: data }),
    signingKeys: key,
    detached: true,
    format: "binary",
    signatureNotations: [{ name: notation.name, value: utf8(notation.value), humanReadable: true, critical: false }],
    date: notBefore(now, key),
    config: CONFIG,
  });
  return concat(signature);
}

/**
 * Verifies a detached signature and its form, and gives the notation's value; undefined when anything is wrong.
 * `at` is when the server accepted it: the certificate must be valid then.
 */
export async function verifyDetached(
  data: Octets,
  sig: Octets,
  certificate: Key,
  notationName: string,
  at: Date,
): Promise<string | undefined> {
  if (sig.length > SIGNATURE_OCTETS_MAX || !isSinglePacket(sig, SIGNATURE_TAG)) return undefined;
  try {
    const signature = await readSignature({ binarySignature: sig, config: CONFIG });
    const packet = signature.packets[0];
    const value = packet && notationValue(packet, notationName);
    if (!packet?.created || value === undefined) return undefined;
    const date = new Date(Math.max(at.getTime(), packet.created.getTime()));
    const message = await createMessage({ binary: data });
    const { signatures } = await verify({
      message,
      signature,
      verificationKeys: certificate,
      format: "binary",
      date,
      config: { ...CONFIG, knownNotations: [notationName] },
    });
    if (signatures.length !== 1) return undefined;
    await signatures[0]?.verified;
    return value;
  } catch {
    return undefined;
  }
}

function notationValue(packet: SignaturePacket, name: string): string | undefined {
  const [notation] = packet.rawNotations;
  const form =
    packet.version === 6 &&
    packet.signatureType === enums.signature.binary &&
    packet.hashAlgorithm === enums.hash.sha512 &&
    packet.publicKeyAlgorithm === enums.publicKey.ed25519;
  if (!form || packet.rawNotations.length !== 1 || notation?.name !== name || !notation.humanReadable) return undefined;
  return fromUtf8(notation.value);
}
