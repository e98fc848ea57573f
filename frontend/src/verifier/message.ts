import { type MessageContext, innerContextText, parseContext } from "../core/crypto/context";
import { type Octets, equal, fromBase64, fromUtf8 } from "../core/crypto/octets";
import { type SigningKey, commitment, openEnvelope, verifySignature } from "./openpgp";

/** A line of `messages.ndjson` that has its content. */
export interface StoredLine {
  id: string;
  room_id: string;
  cid: string;
  sender: string;
  sender_fp: string;
  epoch: number;
  env: string;
  sig: string;
  accepted_at: string;
  leaf_index: number;
}

/** A text with the session key that shows that the sender signed it. */
export interface OpenedText {
  kind: string;
  text: string;
  re?: string;
  session_key: string;
}

/** A line of `view.ndjson`. */
export interface ViewLine {
  id: string;
  leaf_index: number;
  accepted_at: string;
  sender: string;
  username: string;
  opened?: OpenedText;
  /** Why there is no text. */
  unreadable?: string;
}

/** Verifies a message's signature and that its context is the message's; throws a reason. */
export async function signedContext(message: StoredLine, signer: SigningKey): Promise<MessageContext> {
  const [env, sig] = [fromBase64(message.env), fromBase64(message.sig)];
  const context = parseContext(await verifySignature(env, sig, signer, "ctx@sealcast.example"));
  if (!context || context.room !== message.room_id || context.epoch !== message.epoch || context.cid !== message.cid) {
    throw new Error("the signed context is another message’s");
  }
  return context;
}

/** Opens a message with its session key and compares what is inside with what was signed; throws a reason. */
export async function openText(message: StoredLine, context: MessageContext, session_key: string): Promise<OpenedText> {
  const key: Octets = fromBase64(session_key);
  if (!equal(await commitment(key), context.skc))
    throw new Error("the session key is not the one that the signature commits to");
  type Body = { v: number; from: string; ctx: string; t: string; b: string; re?: string };
  const body = JSON.parse(fromUtf8(await openEnvelope(fromBase64(message.env), key))) as Body;
  if (body.v !== 1 || body.from !== message.sender_fp || body.ctx !== innerContextText(context)) {
    throw new Error("its content has another sender or context than the signature");
  }
  return { kind: body.t, text: body.b, ...(body.re === undefined ? {} : { re: body.re }), session_key };
}
