import { type Disclosed, DisclosureKey, type Sealed } from "./disclosure";
import { KEY_LIFETIME_MS } from "./disclosure-lifetime";

/** What the console asks of the worker that holds the key. */
export type ToWorker =
  | { request: number; load: File }
  | { request: number; open: Sealed }
  /** The session key of an envelope alone, base64: what an export shows beside a text. */
  | { request: number; sessionKey: string };
export type FromWorker =
  | { request: number; fingerprint: string }
  | { request: number; disclosed: Disclosed }
  | { request: number; sessionKey: string }
  | { request: number; error: string };

/** A key is some hundred octets; whatever is larger is another file. */
const KEY_OCTETS_MAX = 16_384;

let key: DisclosureKey | undefined;

self.onmessage = (event: MessageEvent<ToWorker>) => void answer(event.data);

async function answer(asked: ToWorker): Promise<void> {
  const say = (reply: FromWorker): void => self.postMessage(reply);
  try {
    if ("load" in asked) {
      key = await read(asked.load);
      setTimeout(() => self.close(), KEY_LIFETIME_MS);
      say({ request: asked.request, fingerprint: key.fingerprint });
    } else if (!key) {
      say({ request: asked.request, error: "no key is loaded" });
    } else if ("sessionKey" in asked) {
      say({ request: asked.request, sessionKey: await key.sessionKey(asked.sessionKey) });
    } else {
      say({ request: asked.request, disclosed: await key.open(asked.open) });
    }
  } catch (error) {
    say({ request: asked.request, error: error instanceof Error ? error.message : String(error) });
  }
}

/** The file is read here: its octets never are where the page could see them. */
async function read(file: File): Promise<DisclosureKey> {
  if (file.size > KEY_OCTETS_MAX) throw new Error("This is not a compliance key: the file is too large.");
  // They are not wiped: the key that was read is a view of them, and goes with this worker.
  return DisclosureKey.load(new Uint8Array(await file.arrayBuffer()));
}
