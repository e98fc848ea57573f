import type { PrivateKey } from "openpgp/lightweight";
import { contentOf } from "./crypto/content";
import { MESSAGE_NOTATION, innerContextText, parseContext, sessionKeyCommitment } from "./crypto/context";
import { openOctets } from "./crypto/envelope";
import { type Octets, equal, fromBase64, fromUtf8, toBase64 } from "./crypto/octets";
import { readCertificate, readSecretKey, subkeyFingerprint } from "./crypto/profile";
import { recipientsOf } from "./crypto/recipients";
import { verifyDetached } from "./crypto/signature";
import { LockedKey } from "./locked-key";
import { Told } from "./told";

/** A stored message and its sender's certificate, as the server gave them: nothing of it is believed. */
export interface Sealed {
  id: string;
  room_id: string;
  epoch: number;
  cid: string;
  sender: string;
  sender_fp: string;
  accepted_at: string;
  env: string;
  sig: string;
  certificate: string;
}

/** A text with what was checked, or why there is none: a text with places, and what stands in them. */
export type Disclosed =
  | { id: string; text: string; kind: string }
  | { id: string; refused: string; values?: Told["values"] };

/** The compliance key while it is loaded; it never leaves the worker. */
export class DisclosureKey {
  #key: PrivateKey;

  constructor(key: PrivateKey) {
    this.#key = key;
  }

  get fingerprint(): string {
    return this.#key.getFingerprint();
  }

  /** What an envelope for it names. */
  get recipient(): string {
    return subkeyFingerprint(this.#key);
  }

  /** The session key of an envelope, base64; whoever gets it checks it against what the sender signed. */
  async sessionKey(envelope: string): Promise<string> {
    return toBase64((await this.#openEnvelope(fromBase64(envelope))).sessionKey);
  }

  async open(message: Sealed): Promise<Disclosed> {
    try {
      return { id: message.id, ...(await this.#open(message)) };
    } catch (error) {
      if (error instanceof Told) return { id: message.id, refused: error.template, values: error.values };
      return { id: message.id, refused: error instanceof Error ? error.message : String(error) };
    }
  }

  async #open(message: Sealed): Promise<{ text: string; kind: string }> {
    const [env, sig] = [fromBase64(message.env), fromBase64(message.sig)];
    const certificate = await readCertificate(fromBase64(message.certificate));
    if (certificate.getFingerprint() !== message.sender_fp) throw new Told("the sender’s certificate is another one");
    const signed = await verifyDetached(env, sig, certificate, MESSAGE_NOTATION, new Date(message.accepted_at));
    const context = signed === undefined ? undefined : parseContext(signed);
    if (!context) throw new Told("the signature does not verify");
    if (context.room !== message.room_id || context.epoch !== message.epoch || context.cid !== message.cid) {
      throw new Told("the signature is of another message");
    }
    const opened = await this.#openEnvelope(env);
    if (!equal(await sessionKeyCommitment(opened.sessionKey), context.skc)) {
      throw new Told("compliance was given another session key than the room");
    }
    const fields = JSON.parse(fromUtf8(opened.plaintext)) as Record<string, unknown>;
    if (fields["v"] !== 1 || fields["from"] !== message.sender_fp || fields["ctx"] !== innerContextText(context)) {
      throw new Told("its content names another sender or context than the signature");
    }
    const content = contentOf(fields);
    if (!content) return { kind: "other", text: "" };
    const text = content.kind === "delete" ? "" : content.kind === "react" ? content.emoji : content.text;
    return { kind: content.kind, text };
  }

  async #openEnvelope(env: Octets): Promise<{ plaintext: Octets; sessionKey: Octets }> {
    const opened = await openOctets(env, this.#key, recipients(env, this.recipient));
    if (!opened.ok) throw REFUSALS[opened.refusal]();
    return opened;
  }
}

/** Reads a key file: one that is open, or one that waits for its shares. */
export async function readKey(octets: Octets): Promise<DisclosureKey | LockedKey> {
  const key = await readSecretKey(octets);
  return key.isDecrypted() ? new DisclosureKey(key) : new LockedKey(octets, key.getFingerprint());
}

const REFUSALS = {
  not_in_profile: () => new Told("the envelope does not follow the profile"),
  wrong_recipients: () => new Told("it is not encrypted to this compliance key"),
  cannot_decrypt: () => new Told("it does not decrypt with this key"),
};

/** The two recipients that the envelope names; ours must be one of them. */
function recipients(env: Uint8Array, ours: string): string[] {
  const named = recipientsOf(env);
  if (!named.includes(ours)) throw REFUSALS.wrong_recipients();
  return named;
}
