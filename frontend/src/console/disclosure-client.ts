// oxlint-disable-next-line import/default -- Vite makes the module
import workerScript from "../core/disclosure-worker.ts?worker&url";
import type { FromWorker, ToWorker } from "../core/disclosure-worker";
import type { Disclosed, Sealed } from "../core/disclosure";
import { workerUrl } from "../shared/trusted-types";

/** A loaded key: a worker that ends with it. */
export class LoadedKey {
  #worker: Worker;
  #waiting = new Map<number, (reply: FromWorker) => void>();
  #next = 1;
  fingerprint = "";

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = (event: MessageEvent<FromWorker>) => {
      this.#waiting.get(event.data.request)?.(event.data);
      this.#waiting.delete(event.data.request);
    };
  }

  /** Throws a sentence for people when it is no key. */
  static async load(file: File): Promise<LoadedKey> {
    const loaded = new LoadedKey(new Worker(workerUrl(workerScript), { type: "module", name: "disclosure" }));
    const octets = new Uint8Array(await file.arrayBuffer());
    const reply = await loaded.#ask((request) => ({ request, load: octets }), [octets.buffer]);
    if (!("fingerprint" in reply)) {
      loaded.drop();
      throw new Error("error" in reply ? reply.error : "this is not a compliance key");
    }
    loaded.fingerprint = reply.fingerprint;
    return loaded;
  }

  async open(message: Sealed): Promise<Disclosed> {
    const reply = await this.#ask((request) => ({ request, open: message }));
    return "disclosed" in reply ? reply.disclosed : { id: message.id, refused: "error" in reply ? reply.error : "" };
  }

  /** The worker's memory goes with it. */
  drop(): void {
    this.#worker.terminate();
  }

  #ask(message: (request: number) => ToWorker, transfer: Transferable[] = []): Promise<FromWorker> {
    const request = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(request, resolve);
      this.#worker.postMessage(message(request), transfer);
    });
  }
}
