import { type Disclosed, DisclosureKey, type Sealed } from "./disclosure";
import { KEY_LIFETIME_MS } from "./disclosure-lifetime";

/** What the console asks of the worker that holds the key. */
export type ToWorker = { request: number; load: Uint8Array<ArrayBuffer> } | { request: number; open: Sealed };
export type FromWorker =
  | { request: number; fingerprint: string }
  | { request: number; disclosed: Disclosed }
  | { request: number; error: string };

let key: DisclosureKey | undefined;

self.onmessage = (event: MessageEvent<ToWorker>) => void answer(event.data);

async function answer(asked: ToWorker): Promise<void> {
  const say = (reply: FromWorker): void => self.postMessage(reply);
  try {
    if ("load" in asked) {
      key = await DisclosureKey.load(asked.load);
      asked.load.fill(0);
      setTimeout(() => self.close(), KEY_LIFETIME_MS);
      say({ request: asked.request, fingerprint: key.fingerprint });
    } else if (key) {
      say({ request: asked.request, disclosed: await key.open(asked.open) });
    } else {
      say({ request: asked.request, error: "no key is loaded" });
    }
  } catch (error) {
    say({ request: asked.request, error: error instanceof Error ? error.message : String(error) });
  }
}
