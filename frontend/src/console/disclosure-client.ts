// oxlint-disable-next-line import/default -- Vite makes the module
import workerScript from "../core/disclosure-worker.ts?worker&url";
import type { FromWorker, ToWorker } from "../core/disclosure-worker";
import type { Disclosed, Sealed } from "../core/disclosure";
import { workerUrl } from "../shared/trusted-types";

const DROPPED = "The compliance key was dropped.";

/** A loaded key: a worker that ends with it. */
export class LoadedKey {
  #worker: Worker;
  #waiting = new Map<number, (reply: FromWorker) => void>();
  #next = 1;
  #dropped = false;
  fingerprint = "";

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = (event: MessageEvent<FromWorker>) => {
      this.#waiting.get(event.data.request)?.(event.data);
      this.#waiting.delete(event.data.request);
    };
    // Without it, what does not start leaves everybody waiting.
    worker.onerror = () => this.drop();
  }

  /** Throws a sentence for people when it is no key. The worker reads the file; this page never sees its octets. */
  static async load(file: File): Promise<LoadedKey> {
    const loaded = new LoadedKey(new Worker(workerUrl(workerScript), { type: "module", name: "disclosure" }));
    const reply = await loaded.#ask((request) => ({ request, load: file }));
    if (!("fingerprint" in reply)) {
      loaded.drop();
      throw new Error("error" in reply ? reply.error : "This is not a compliance key.");
    }
    loaded.fingerprint = reply.fingerprint;
    return loaded;
  }

  get dropped(): boolean {
    return this.#dropped;
  }

  async open(message: Sealed): Promise<Disclosed> {
    const reply = await this.#ask((request) => ({ request, open: message }));
    return "disclosed" in reply ? reply.disclosed : { id: message.id, refused: "error" in reply ? reply.error : "" };
  }

  /** The session key of an envelope, for an export; throws why there is none. */
  async sessionKey(envelope: string): Promise<string> {
    const reply = await this.#ask((request) => ({ request, sessionKey: envelope }));
    if ("sessionKey" in reply) return reply.sessionKey;
    throw new Error("error" in reply ? reply.error : DROPPED);
  }

  /** The worker's memory goes with it, and whoever waits is told. */
  drop(): void {
    this.#dropped = true;
    this.#worker.terminate();
    for (const [request, settle] of this.#waiting) settle({ request, error: DROPPED });
    this.#waiting.clear();
  }

  #ask(message: (request: number) => ToWorker): Promise<FromWorker> {
    const request = this.#next++;
    if (this.#dropped) return Promise.resolve({ request, error: DROPPED });
    return new Promise((resolve) => {
      this.#waiting.set(request, resolve);
      this.#worker.postMessage(message(request));
    });
  }
}
