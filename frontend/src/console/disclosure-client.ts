import type { Organisation } from "../api/types";
// oxlint-disable-next-line import/default -- Vite makes the module
import workerScript from "../core/disclosure-worker.ts?worker&url";
import type { FromWorker, Held, ToWorker } from "../core/disclosure-worker";
import type { Disclosed, Sealed } from "../core/disclosure";
import { KEY_LIFETIME_MS } from "../core/disclosure-lifetime";
import type { Why } from "../core/disclosure-refusal";
import type { Named } from "../core/succession";
import { Told } from "../core/told";
import { msg } from "../shared/i18n";
import { workerUrl } from "../shared/trusted-types";

export const DROPPED = msg("The compliance key was dropped.");

/** A request without its number. */
type Asked = ToWorker extends infer One ? (One extends unknown ? Omit<One, "request"> : never) : never;

const REFUSALS: Record<Why, string> = {
  not_a_key: msg("This is not a compliance key."),
  not_a_share: msg("This is not a share."),
  one_of_another: msg(
    "This share is of the split {set}, those that are loaded are of {first}: one of them belongs to another key. Drop everything and begin again, if it is not this one.",
  ),
  loaded_of_another: msg(
    "This share is of the split {set}, and its page names this key. Those that are loaded are of {first}: they belong to another key. Drop everything and begin again.",
  ),
};

/** Why there is not what was asked for. */
function toldOf(reply: FromWorker): Told {
  if ("refusal" in reply) return new Told(REFUSALS[reply.refusal], reply.values);
  return "error" in reply ? new Told(reply.error, reply.values) : new Told(DROPPED);
}

/** A loaded key, or one that waits for its shares: a worker that ends with it. */
export class LoadedKey {
  #worker: Worker;
  #waiting = new Map<number, (reply: FromWorker) => void>();
  #next = 1;
  #dropped = false;
  #held: Held = { fingerprint: "", recipient: "" };
  #until = 0;

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
    try {
      await loaded.#take({ load: file });
    } catch (error) {
      loaded.drop();
      throw error;
    }
    return loaded;
  }

  get fingerprint(): string {
    return this.#held.fingerprint;
  }

  /** What an envelope for it names; undefined while it is locked. */
  get recipient(): string | undefined {
    return "recipient" in this.#held ? this.#held.recipient : undefined;
  }

  /** The shares that are here, while it is locked. */
  get shares(): { numbers: number[]; threshold: number | undefined } | undefined {
    return "shares" in this.#held ? this.#held.shares : undefined;
  }

  /** When the worker ends by itself, by this page's clock. */
  get until(): number {
    return this.#until;
  }

  get dropped(): boolean {
    return this.#dropped;
  }

  /** Adds a share to a locked key, which opens with the last one that it takes. Throws a sentence for people. */
  addShare(share: File | string): Promise<void> {
    return this.#take({ share });
  }

  async open(message: Sealed): Promise<Disclosed> {
    const reply = await this.#ask({ open: message });
    if ("disclosed" in reply) return reply.disclosed;
    const { template, values } = toldOf(reply);
    return { id: message.id, refused: template, values };
  }

  /** The session key of an envelope, for an export; throws why there is none. */
  async sessionKey(envelope: string): Promise<string> {
    const reply = await this.#ask({ sessionKey: envelope });
    if ("sessionKey" in reply) return reply.sessionKey;
    throw toldOf(reply);
  }

  /** Which key of the organisation an envelope is for, beside those at hand. */
  async name(envelope: string, organisation: Organisation, atHand: string[]): Promise<Named | undefined> {
    const reply = await this.#ask({ name: envelope, organisation, atHand });
    return "named" in reply ? reply.named : undefined;
  }

  /** The worker's memory goes with it, and whoever waits is told. */
  drop(): void {
    this.#dropped = true;
    this.#worker.terminate();
    for (const [request, settle] of this.#waiting) settle({ request, error: DROPPED, values: {} });
    this.#waiting.clear();
  }

  /** Asks for a change of what is held. */
  async #take(asked: Asked): Promise<void> {
    const reply = await this.#ask(asked);
    if ("held" in reply && reply.held) this.#held = reply.held;
    if ("error" in reply || "refusal" in reply) throw toldOf(reply);
    this.#until = Date.now() + KEY_LIFETIME_MS;
  }

  #ask(asked: Asked): Promise<FromWorker> {
    const request = this.#next++;
    if (this.#dropped) return Promise.resolve({ request, error: DROPPED, values: {} });
    return new Promise((resolve) => {
      this.#waiting.set(request, resolve);
      this.#worker.postMessage({ request, ...asked });
    });
  }
}
