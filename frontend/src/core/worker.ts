import { Core } from "./core";
import { TabHub } from "./rpc";

/** The entry of the worker: shared by all tabs where the browser can, that of one tab which leads the others where it cannot. */

interface SharedScope {
  onconnect: ((event: MessageEvent) => void) | null;
}
interface LedScope {
  onmessage: ((event: MessageEvent) => void) | null;
}

const hub = new TabHub((announce) => new Core(announce));

if ("SharedWorkerGlobalScope" in globalThis) {
  (globalThis as unknown as SharedScope).onconnect = ({ ports }) => {
    if (ports[0]) hub.attach(ports[0]);
  };
} else {
  // The tab that leads brings the others.
  (globalThis as unknown as LedScope).onmessage = ({ ports }) => {
    if (ports[0]) hub.attach(ports[0]);
  };
}
