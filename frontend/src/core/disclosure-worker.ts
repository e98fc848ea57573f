import type { Organisation } from "../api/types";
import { fromBase64 } from "./crypto/octets";
import { type Disclosed, DisclosureKey, type Sealed, readKey } from "./disclosure";
import { KEY_LIFETIME_MS } from "./disclosure-lifetime";
import { Refusal, type Why } from "./disclosure-refusal";
import type { LockedKey } from "./locked-key";
import { type Named, keyNamedBy } from "./succession";
import { Told } from "./told";

/** What the console asks of the worker that holds a key. */
export type ToWorker =
  | { request: number; load: File }
  /** A share of the loaded key's lock: its file, or its words. */
  | { request: number; share: File | string }
  | { request: number; open: Sealed }
  /** The session key of an envelope alone, base64: what an export shows beside a text. */
  | { request: number; sessionKey: string }
  /** Which key of the organisation an envelope is for, beside those at hand. */
  | { request: number; name: string; organisation: Organisation; atHand: string[] };
export type FromWorker =
  | { request: number; held: Held }
  | { request: number; disclosed: Disclosed }
  | { request: number; sessionKey: string }
  | { request: number; named: Named | undefined }
  /** A text with places, and what stands in them; with what is held where that changed: shares that do not open the key are dropped. */
  | { request: number; error: string; values: Told["values"]; held?: Held }
  /** The same, where the page has the words. */
  | { request: number; refusal: Why; values: Told["values"]; held?: Held };

/** What the worker tells of its key. */
export type Held = { fingerprint: string } & (
  | { recipient: string }
  /** It is locked, and these shares are here. */
  | { shares: LockedKey["shares"] }
);

/** A key is some hundred octets, and so is a share; whatever is larger is another file. */
const FILE_OCTETS_MAX = 16_384;

let key: DisclosureKey | LockedKey | undefined;
let end: ReturnType<typeof setTimeout> | undefined;

self.onmessage = (event: MessageEvent<ToWorker>) => void answer(event.data);

async function answer(asked: ToWorker): Promise<void> {
  const { request } = asked;
  const say = (reply: FromWorker): void => self.postMessage(reply);
  try {
    if ("load" in asked) say({ request, held: hold(await load(asked.load)) });
    else if ("share" in asked) say({ request, held: await addShare(asked.share) });
    else if ("name" in asked)
      say({ request, named: await keyNamedBy(fromBase64(asked.name), asked.organisation, asked.atHand) });
    else if (!(key instanceof DisclosureKey)) throw new Told("no key is loaded");
    else if ("sessionKey" in asked) say({ request, sessionKey: await key.sessionKey(asked.sessionKey) });
    else say({ request, disclosed: await key.open(asked.open) });
  } catch (error) {
    const reply = { request, ...reasonOf(error) };
    say("share" in asked && key ? { ...reply, held: stateOf(key) } : reply);
  }
}

function reasonOf(error: unknown) {
  if (error instanceof Told) return { error: error.template, values: error.values };
  if (error instanceof Refusal) return { refusal: error.why, values: error.values };
  return { error: error instanceof Error ? error.message : String(error), values: {} };
}

/** From here on the worker lives as long as a key may. */
function hold(held: DisclosureKey | LockedKey): Held {
  key = held;
  clearTimeout(end);
  end = setTimeout(() => self.close(), KEY_LIFETIME_MS);
  return stateOf(held);
}

const stateOf = (held: DisclosureKey | LockedKey): Held =>
  held instanceof DisclosureKey
    ? { fingerprint: held.fingerprint, recipient: held.recipient }
    : { fingerprint: held.fingerprint, shares: held.shares };

/** The file is read here: its octets never are where the page could see them. */
async function load(file: File): Promise<DisclosureKey | LockedKey> {
  const octets = await small(file, "This is not a compliance key: the file is too large.").arrayBuffer();
  // They are not wiped: the key that was read is a view of them, and goes with this worker.
  return otherwise("not_a_key", () => readKey(new Uint8Array(octets)));
}

async function addShare(share: File | string): Promise<Held> {
  if (!key || key instanceof DisclosureKey) throw new Told("No key waits for shares.");
  const text =
    typeof share === "string" ? share : await small(share, "This is not a share: the file is too large.").text();
  const waiting = key;
  const opened = await otherwise("not_a_share", () => waiting.add(text));
  return hold(opened ? new DisclosureKey(opened) : waiting);
}

/** What a library says of a file that is another one is for nobody who chose it. */
async function otherwise<T>(why: Why, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Told || error instanceof Refusal ? error : new Refusal(why, {}, { cause: error });
  }
}

function small(file: File, tooLarge: string): File {
  if (file.size > FILE_OCTETS_MAX) throw new Told(tooLarge);
  return file;
}
