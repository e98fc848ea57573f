import { Core } from "./core";
import { type FromCore, TabHub, type ToCore } from "./rpc";

/** The entry of the worker: shared by all tabs where the browser can, one for each tab where it cannot. */

interface SharedScope {
  onconnect: ((event: MessageEvent) => void) | null;
}
interface DedicatedScope {
  postMessage(message: FromCore): void;
  onmessage: ((event: MessageEvent<ToCore>) => void) | null;
}

const hub = new TabHub((announce) => new Core(announce));

if ("SharedWorkerGlobalScope" in globalThis) {
  (globalThis as unknown as SharedScope).onconnect = ({ ports }) => {
    if (ports[0]) hub.attach(ports[0]);
  };
} else {
  hub.attach(globalThis as unknown as DedicatedScope);
}
