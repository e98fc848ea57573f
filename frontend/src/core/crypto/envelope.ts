import {
  type Key,
  type Message,
  type PrivateKey,
  createMessage,
  decryptSessionKeys,
  encrypt,
  enums,
  readMessage,
} from "openpgp/lightweight";
import { frames } from "./framing";
import { type Octets, concat, random, toHex } from "./octets";
import { CONFIG, ENVELOPE_OCTETS_MAX, notBefore } from "./profile";
import { PKESK_OCTETS } from "./recipients";

/** Why an envelope cannot be opened. */
export type OpenRefusal = "not_in_profile" | "wrong_recipients" | "cannot_decrypt";

export type Opened = { ok: true; plaintext: Octets; sessionKey: Octets } | { ok: false; refusal: OpenRefusal };

const TAG = {
  pkesk: enums.packet.publicKeyEncryptedSessionKey,
  seipd: enums.packet.symEncryptedIntegrityProtectedData,
};
const CHUNK_SIZE_OCTET_MAX = 16;
const SESSION_KEY_OCTETS = 32;

/** The parts of OpenPGP.js packets that its type definitions leave out. */
interface PkeskPacket {
  version: number;
  publicKeyFingerprint: Uint8Array | null;
}
interface SeipdPacket {
  version: number;
  cipherAlgorithm: number;
  aeadAlgorithm: number;
  chunkSizeByte: number;
}

/** Encrypts one literal packet to all recipients under a fresh session key. */
export async function sealOctets(
  plaintext: Octets,
  recipients: Key[],
  now: Date,
  sessionKey: Octets = random(SESSION_KEY_OCTETS),
): Promise<{ sealed: Octets; sessionKey: Octets }> {
  const date = notBefore(now, ...recipients);
  const sealed = await encrypt({
    message: await createMessage({ binary: plaintext, format: "binary", date }),
    encryptionKeys: recipients,
    sessionKey: { data: sessionKey, algorithm: "aes256", aeadAlgorithm: "gcm" },
    format: "binary",
    date,
    config: CONFIG,
  });
  return { sealed: concat(sealed), sessionKey };
}

/**
 * Opens octets that must be exactly one PKESK v6 for each wanted subkey and one SEIPD v2 of the profile, with exactly
 * one literal packet inside. Plain `openpgp.decrypt` accepts far more (docs/protocol.md, sections 1 and 3).
 */
export async function openOctets(sealed: Octets, key: PrivateKey, wanted: string[]): Promise<Opened> {
  if (!hasProfileFraming(sealed, wanted.length)) return refuse("not_in_profile");
  let message: Message<Uint8Array>;
  try {
    message = await readMessage({ binaryMessage: sealed, config: CONFIG });
  } catch {
    return refuse("not_in_profile");
  }
  const refusal = structureRefusal(message, wanted);
  if (refusal) return refuse(refusal);
  try {
    const [session] = await decryptSessionKeys({ message, decryptionKeys: key, config: CONFIG });
    if (session?.data.length !== SESSION_KEY_OCTETS) return refuse("cannot_decrypt");
    const sessionKey = concat(session.data);
    const inner = await message.decrypt(
      undefined,
      undefined,
      [{ data: sessionKey, algorithm: "aes256" }],
      undefined,
      CONFIG,
    );
    const plaintext = singleLiteral(inner as Message<Uint8Array>);
    return plaintext ? { ok: true, plaintext, sessionKey } : refuse("not_in_profile");
  } catch {
    return refuse("cannot_decrypt");
  }
}

const refuse = (refusal: OpenRefusal): Opened => ({ ok: false, refusal });

function hasProfileFraming(sealed: Octets, recipients: number): boolean {
  if (sealed.length > ENVELOPE_OCTETS_MAX) return false;
  const found = frames(sealed);
  const last = found?.pop();
  if (!found || last?.tag !== TAG.seipd || found.length !== recipients) return false;
  return found.every((frame) => frame.tag === TAG.pkesk && !frame.partial && frame.end - frame.start === PKESK_OCTETS);
}

function structureRefusal(message: Message<Uint8Array>, wanted: string[]): OpenRefusal | undefined {
  const packets = [...message.packets] as unknown[];
  const seipd = packets.pop() as SeipdPacket | undefined;
  if (!seipd || packets.length !== wanted.length) return "not_in_profile";
  const named = (packets as PkeskPacket[]).map((packet) =>
    packet.version === 6 && packet.publicKeyFingerprint ? toHex(packet.publicKeyFingerprint) : "",
  );
  if (named.toSorted().join() !== wanted.toSorted().join()) return "wrong_recipients";
  const aead = seipd.aeadAlgorithm === enums.aead.gcm || seipd.aeadAlgorithm === enums.aead.ocb;
  const form = seipd.version === 2 && seipd.cipherAlgorithm === enums.symmetric.aes256 && aead;
  return form && seipd.chunkSizeByte <= CHUNK_SIZE_OCTET_MAX ? undefined : "not_in_profile";
}

function singleLiteral(inner: Message<Uint8Array>): Octets | undefined {
  const tags = inner.packets.map((packet) => (packet.constructor as unknown as { tag: number }).tag);
  if (tags.length !== 1 || tags[0] !== enums.packet.literalData) return undefined;
  const data = inner.getLiteralData();
  return data ? concat(data) : undefined;
}
