import type { Key, PrivateKey } from "openpgp/lightweight";
import { type Content, contentOf, fieldsOf } from "./content";
import {
  MESSAGE_NOTATION,
  type MessageContext,
  contextText,
  innerContextText,
  parseContext,
  sessionKeyCommitment,
} from "./context";
import { type OpenRefusal, openOctets, sealOctets } from "./envelope";
import { type Octets, equal, fromUtf8, utf8 } from "./octets";
import { subkeyFingerprint } from "./profile";
import { signDetached, verifyDetached } from "./signature";

/** Why a message is not shown; each has a sentence for people in the timeline. */
export type MessageRefusal =
  | OpenRefusal
  | "signature_invalid"
  | "context_mismatch"
  | "sender_mismatch"
  | "commitment_mismatch"
  | "unsupported";

export type ReadMessage =
  | { ok: true; content: Content; context: MessageContext }
  | { ok: false; refusal: MessageRefusal };

const PAD_TO = 256;
/** Who wrote, into which context, and what. */
interface Plaintext {
  from: string;
  ctx: string;
  content: Content | undefined;
}

/** Encrypts to the room and the compliance certificate, then signs the exact octets. */
export async function sealMessage(
  content: Content,
  context: Omit<MessageContext, "skc">,
  keys: { sender: PrivateKey; room: Key; compliance: Key },
  now: Date,
): Promise<{ env: Octets; sig: Octets }> {
  const plaintext = padded({ from: keys.sender.getFingerprint(), ctx: innerContextText(context), content });
  const { sealed, sessionKey } = await sealOctets(plaintext, [keys.room, keys.compliance], now);
  const skc = await sessionKeyCommitment(sessionKey);
  const notation = { name: MESSAGE_NOTATION, value: contextText({ ...context, skc }) };
  return { env: sealed, sig: await signDetached(sealed, keys.sender, notation, now) };
}

/** Signs the same envelope anew: a signature is too old for the server after 300 s. */
export async function resignMessage(
  env: Octets,
  oldSig: Octets,
  sender: PrivateKey,
  now: Date,
): Promise<Octets | undefined> {
  const value = await verifyDetached(env, oldSig, sender.toPublic(), MESSAGE_NOTATION, now);
  return value === undefined ? undefined : signDetached(env, sender, { name: MESSAGE_NOTATION, value }, now);
}

/** Everything that docs/protocol.md section 3 asks of a reader. */
export async function readMessage(
  message: { env: Octets; sig: Octets; room: string; epoch: number; cid: string; acceptedAt: Date },
  keys: { sender: Key; room: PrivateKey; compliance: Key },
): Promise<ReadMessage> {
  const value = await verifyDetached(message.env, message.sig, keys.sender, MESSAGE_NOTATION, message.acceptedAt);
  if (value === undefined) return refuse("signature_invalid");
  const context = parseContext(value);
  if (!context || context.room !== message.room || context.epoch !== message.epoch || context.cid !== message.cid) {
    return refuse("context_mismatch");
  }
  const wanted = [subkeyFingerprint(keys.room), subkeyFingerprint(keys.compliance)];
  const opened = await openOctets(message.env, keys.room, wanted);
  if (!opened.ok) return opened;
  if (!equal(await sessionKeyCommitment(opened.sessionKey), context.skc)) return refuse("commitment_mismatch");
  const body = parsePlaintext(opened.plaintext);
  if (!body) return refuse("unsupported");
  if (body.from !== keys.sender.getFingerprint()) return refuse("sender_mismatch");
  if (body.ctx !== innerContextText(context)) return refuse("context_mismatch");
  return body.content ? { ok: true, content: body.content, context } : refuse("unsupported");
}

const refuse = (refusal: MessageRefusal): ReadMessage => ({ ok: false, refusal });

function padded({ from, ctx, content }: { from: string; ctx: string; content: Content }): Octets {
  const json = (pad: string) => utf8(JSON.stringify({ v: 1, from, ctx, ...fieldsOf(content), pad }));
  const missing = (PAD_TO - (json("").length % PAD_TO)) % PAD_TO;
  return json(" ".repeat(missing));
}

function parsePlaintext(octets: Octets): Plaintext | undefined {
  try {
    const parsed = JSON.parse(fromUtf8(octets)) as Record<string, unknown> | null;
    const { v, from, ctx } = parsed ?? {};
    if (!parsed || v !== 1 || typeof from !== "string" || typeof ctx !== "string") return undefined;
    return { from, ctx, content: contentOf(parsed) };
  } catch {
    return undefined;
  }
}
