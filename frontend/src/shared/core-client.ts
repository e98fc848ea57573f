// oxlint-disable-next-line import/default -- Vite makes the module
import workerScript from "../core/worker.ts?sharedworker&url";
import type { CoreApi, CoreMethod, Push } from "../core/model";
import type { FromCore } from "../core/rpc";
import { type Channel, openChannel } from "./core-channel";
import { msg } from "./i18n";
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

const waiting = new Map<number, Waiting>();
const listeners = new Set<(push: Push) => void>();
const replaced = new Set<() => void>();
const GONE = msg("The tab that led the others was closed. Try again.");
let nextId = 1;
const channel = connect();

export function onPush(listener: (push: Push) => void): void {
  listeners.add(listener);
}

/** Called when another core took over, and knows nothing of this tab. */
export function onReplaced(listener: () => void): void {
  replaced.add(listener);
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
  const made = openChannel(workerUrl(workerScript));
  made.onmessage = ({ data }) => {
    if ("push" in data) for (const listener of listeners) listener(data);
    else settle(data);
  };
  const lock = `tab-${crypto.randomUUID()}`;
  void holdLock(lock, made);
  made.onreplaced = () => {
    for (const { reject } of waiting.values()) reject(new CoreError(GONE, undefined));
    waiting.clear();
    made.postMessage({ hello: { lock } });
    for (const listener of replaced) listener();
  };
  return made;
}

function settle(reply: Exclude<FromCore, Push>): void {
  const waiter = waiting.get(reply.reply);
  waiting.delete(reply.reply);
  if ("error" in reply) waiter?.reject(new CoreError(reply.error.message, reply.error.code));
  else waiter?.resolve(reply.value);
}

/** Holds a lock for as long as the tab lives: the worker sees its end, however it comes. */
async function holdLock(lock: string, to: Channel): Promise<void> {
  await navigator.locks.request(lock, () => {
    to.postMessage({ hello: { lock } });
    return new Promise(() => undefined);
  });
}
