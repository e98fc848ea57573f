import type { Checkpoint, Envelope } from "../api/types";
import { type SeenCheckpoint, noCheckpoint } from "./crypto/context";
import { fromBase64 } from "./crypto/octets";
import type { LogChecks } from "./log-checks";
import type { LogState, Proven } from "./model";
import type { Store } from "./store/db";

export interface Head {
  size: number;
  root: string;
}

/** Where the newest head is kept whose signature and history this device has verified. */
export const HEAD = "log-head";

/** This client's view of the audit log. The checks are loaded with the first of them: nobody waits for them. */
export class AuditLog {
  #store: Store;
  #onState: (state: LogState) => void;
  #checks: Promise<LogChecks> | undefined;
  #stopped = false;

  constructor(store: Store, onState: (state: LogState) => void) {
    this.#store = store;
    this.#onState = onState;
  }

  /** What goes into the signed context of the next message: only what was verified, never what a server announces. */
  async seen(): Promise<SeenCheckpoint> {
    const head = await this.#store.meta.get<Head>(HEAD);
    return head ? { size: head.size, root: fromBase64(head.root).slice(0, 16) } : noCheckpoint();
  }

  look = async (): Promise<Checkpoint | undefined> => (await this.#load()).look();
  prove = async (envelope: Envelope): Promise<Proven | undefined> => (await this.#load()).prove(envelope);
  witnesses = async (): Promise<string[]> => (await this.#load()).witnesses();
  setWitnesses = async (vkeys: string[]): Promise<void> => (await this.#load()).setWitnesses(vkeys);

  /** What the sender of a verified message signed to have seen. */
  heed(cp: SeenCheckpoint, sender: string, name: string): void {
    if (this.#stopped) return;
    void this.#load().then(
      (checks) => checks.heed(cp, sender, name),
      () => undefined,
    );
  }

  stop(): void {
    this.#stopped = true;
    void this.#checks?.then(
      (checks) => checks.stop(),
      () => undefined,
    );
  }

  #load(): Promise<LogChecks> {
    const checks = (this.#checks ??= import("./log-checks").then(
      ({ LogChecks }) => new LogChecks(this.#store, this.#onState),
    ));
    checks.catch(() => (this.#checks = undefined));
    return checks;
  }
}
