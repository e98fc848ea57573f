import type { FromCore, ToCore } from "../core/rpc";

/** The side of the core that a tab talks to. */
export interface Channel {
  postMessage(message: ToCore): void;
  onmessage: ((event: { data: FromCore }) => void) | null;
  /** Another core has taken the place of the one that was asked: what waits for an answer waits in vain. */
  onreplaced: (() => void) | null;
}

const NAME = "sealcast-core";

/** One core for all tabs: a shared worker, or where there is none the worker of the one tab that leads. */
export function openChannel(script: string): Channel {
  return "SharedWorker" in globalThis ? new SharedChannel(script) : new LedChannel(script);
}

class SharedChannel implements Channel {
  onmessage: Channel["onmessage"] = null;
  onreplaced: Channel["onreplaced"] = null;
  #port: MessagePort;

  constructor(script: string) {
    this.#port = new SharedWorker(script, { type: "module", name: NAME }).port;
    this.#port.onmessage = ({ data }: MessageEvent<FromCore>) => this.onmessage?.({ data });
  }

  postMessage(message: ToCore): void {
    this.#port.postMessage(message);
  }
}

/** What tabs without a shared worker say to each other. */
type Talk =
  | { from: string; message: ToCore }
  | { to: string; message: FromCore }
  | { leads: string }
  | { asks: "who leads" };

/**
 * The tab that holds the lock runs the core and passes on what the others say. When it goes, the next in line leads with
 * a new core, which opens with the key that this device keeps, or with the password.
 */
class LedChannel implements Channel {
  onmessage: Channel["onmessage"] = null;
  onreplaced: Channel["onreplaced"] = null;
  #me: string = crypto.randomUUID();
  #others = new BroadcastChannel(NAME);
  #core: Worker | undefined;
  /** The core's end of every tab, while this one leads. */
  #ports = new Map<string, MessagePort>();
  #leader: string | undefined;
  /** Said before anybody led. */
  #unsaid: ToCore[] = [];

  constructor(script: string) {
    this.#others.onmessage = ({ data }: MessageEvent<Talk>) => this.#hear(data);
    // Held for as long as the tab lives.
    void navigator.locks.request(NAME, () => {
      this.#lead(script);
      return new Promise(() => undefined);
    });
    // Whoever leads already answers; who comes to lead says so.
    this.#tell({ asks: "who leads" });
  }

  postMessage(message: ToCore): void {
    if (this.#leader === undefined) this.#unsaid.push(message);
    else if (this.#core) this.#portOf(this.#me).postMessage(message);
    else this.#tell({ from: this.#me, message });
  }

  #lead(script: string): void {
    this.#core = new Worker(script, { type: "module", name: NAME });
    this.#tell({ leads: this.#me });
    this.#follow(this.#me);
  }

  #tell(talk: Talk): void {
    this.#others.postMessage(talk);
  }

  #hear(talk: Talk): void {
    if ("leads" in talk) this.#follow(talk.leads);
    else if ("to" in talk) {
      if (talk.to === this.#me) this.onmessage?.({ data: talk.message });
    } else if (!this.#core) return;
    else if ("asks" in talk) this.#tell({ leads: this.#me });
    else this.#portOf(talk.from).postMessage(talk.message);
  }

  /** What was held back is said to the first that leads; another one is another core. */
  #follow(leader: string): void {
    if (leader === this.#leader) return;
    const isFirst = this.#leader === undefined;
    this.#leader = leader;
    const unsaid = this.#unsaid.splice(0);
    if (isFirst) for (const message of unsaid) this.postMessage(message);
    else this.onreplaced?.();
  }

  #portOf(tab: string): MessagePort {
    const known = this.#ports.get(tab);
    if (known) return known;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<FromCore>) => {
      if (tab === this.#me) this.onmessage?.({ data });
      else this.#tell({ to: tab, message: data });
    };
    this.#core?.postMessage(null, [port2]);
    this.#ports.set(tab, port1);
    return port1;
  }
}
