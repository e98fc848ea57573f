import { ApiError } from "../api/problems";
import type { CoreApi, CoreMethod, Push } from "./model";

/** A tab's request; `lock` names the Web Lock that the tab holds for as long as it lives. */
export type ToCore = { hello: { lock: string } } | { call: CoreMethod; id: number; args: unknown[] };

export interface RemoteError {
  message: string;
  /** The refusal's slug, when the server said no. */
  code?: string;
}

export type FromCore = Push | { reply: number; value: unknown } | { reply: number; error: RemoteError };

/** The port of a tab. */
export interface TabPort {
  postMessage(message: FromCore): void;
  onmessage: ((event: MessageEvent<ToCore>) => void) | null;
}

/** Serves the core to its tabs. */
export class TabHub {
  #ports = new Set<TabPort>();
  #api: CoreApi;

  constructor(make: (announce: (push: Push) => void) => CoreApi) {
    this.#api = make((push) => this.#announce(push));
  }

  attach(port: TabPort): void {
    this.#ports.add(port);
    port.onmessage = ({ data }) => {
      if ("hello" in data) void this.#detachWithLock(port, data.hello.lock);
      else void this.#answer(port, data);
    };
  }

  #announce(push: Push): void {
    for (const port of this.#ports) port.postMessage(push);
  }

  /** The worker gets the tab's lock when the tab is gone, however it went. */
  async #detachWithLock(port: TabPort, lock: string): Promise<void> {
    await navigator.locks.request(lock, () => this.#ports.delete(port));
  }

  async #answer(port: TabPort, { call, id, args }: { call: CoreMethod; id: number; args: unknown[] }): Promise<void> {
    try {
      const method = this.#api[call] as (...args: unknown[]) => Promise<unknown>;
      port.postMessage({ reply: id, value: await method.apply(this.#api, args) });
    } catch (error) {
      port.postMessage({ reply: id, error: remoteError(error) });
    }
  }
}

function remoteError(error: unknown): RemoteError {
  if (error instanceof ApiError) return { message: error.message, code: error.code };
  return { message: error instanceof Error ? error.message : "Something went wrong." };
}
