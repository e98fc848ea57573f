// oxlint-disable-next-line import/default -- Vite makes the module
import workerScript from "../core/worker.ts?sharedworker&url";
import type { CoreApi, CoreMethod, Push } from "../core/model";
import type { FromCore, ToCore } from "../core/rpc";
import { workerUrl } from "./trusted-types";

/** The core said no; `code` is the server's refusal, when it was the server. */
export class CoreError extends Error {
  override readonly name = "CoreError";

  constructor(
    message: string,
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: CoreError) => void;
}

/** The side of the core that a tab talks to. */
interface Channel {
  postMessage(message: ToCore): void;
  onmessage: ((event: MessageEvent<FromCore>) => void) | null;
}

const waiting = new Map<number, Waiting>();
const listeners = new Set<(push: Push) => void>();
let nextId = 1;
const channel = connect();

export function onPush(listener: (push: Push) => void): void {
  listeners.add(listener);
}

/** Calls a method of the session core. */
export const core: CoreApi = new Proxy({} as CoreApi, {
  get:
    (_, method: string) =>
    (...args: unknown[]) =>
      call(method as CoreMethod, args),
});

function call(method: CoreMethod, args: unknown[]): Promise<unknown> {
  const id = nextId++;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    channel.postMessage({ call: method, id, args });
  });
}

function connect(): Channel {
  const url = workerUrl(workerScript);
  const port: Channel =
    "SharedWorker" in globalThis
      ? new SharedWorker(url, { type: "module", name: "sealcast-core" }).port
      : new Worker(url, { type: "module", name: "sealcast-core" });
  port.onmessage = ({ data }) => {
    if ("push" in data) for (const listener of listeners) listener(data);
    else settle(data);
  };
  void holdLock(port);
  return port;
}

function settle(reply: Exclude<FromCore, Push>): void {
  const waiter = waiting.get(reply.reply);
  waiting.delete(reply.reply);
  if ("error" in reply) waiter?.reject(new CoreError(reply.error.message, reply.error.code));
  else waiter?.resolve(reply.value);
}

/** Holds a lock for as long as the tab lives: the worker sees its end, however it comes. */
async function holdLock(port: Channel): Promise<void> {
  const lock = `tab-${crypto.randomUUID()}`;
  await navigator.locks.request(lock, () => {
    port.postMessage({ hello: { lock } });
    return new Promise(() => undefined);
  });
}
