import { ApiError } from "../api/problems";
import type { Envelope } from "../api/types";
import type { AuditLog } from "./audit-log";
import { compareIds } from "./stream/events";

const PENDING_MAX = 500;
/** What is covered and not proven yet is asked for again, less and less often. */
const AGAIN_MS = 1_000;
const AGAIN_MAX_MS = 30_000;

/** Own accepted messages that wait for the proof that the audit log holds them. */
export class Receipts {
  #log: Pick<AuditLog, "prove">;
  #onLogged: (envelope: Envelope) => void;
  #pending = new Map<string, Envelope>();
  #covers: string | undefined;
  #draining = false;
  #again: ReturnType<typeof setTimeout> | undefined;
  #waitMs = AGAIN_MS;
  #stopped = false;

  constructor(log: Pick<AuditLog, "prove">, onLogged: (envelope: Envelope) => void) {
    this.#log = log;
    this.#onLogged = onLogged;
  }

  add(envelope: Envelope): void {
    if (this.#pending.size >= PENDING_MAX) this.#pending.delete(this.#pending.keys().next().value as string);
    this.#pending.set(envelope.id, envelope);
    this.#waitMs = AGAIN_MS;
    void this.#drain();
  }

  /** A checkpoint covers every message up to `covers`. */
  advance(covers: string): void {
    if (!this.#covers || compareIds(covers, this.#covers) > 0) this.#covers = covers;
    void this.#drain();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#again);
  }

  async #drain(): Promise<void> {
    if (this.#draining || this.#stopped) return;
    this.#draining = true;
    clearTimeout(this.#again);
    try {
      for (;;) {
        const next = this.#nextCovered();
        if (!next) return;
        if (!(await this.#log.prove(next))) break;
        this.#onLogged(next);
        this.#pending.delete(next.id);
        this.#waitMs = AGAIN_MS;
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    } finally {
      this.#draining = false;
    }
    // A witness signs a moment after the log, and in a quiet organisation no other checkpoint follows for long.
    if (this.#stopped) return;
    this.#again = setTimeout(() => void this.#drain(), this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, AGAIN_MAX_MS);
  }

  /** Newest first: what the person has just written is what it looks at. */
  #nextCovered(): Envelope | undefined {
    const covers = this.#covers;
    if (!covers) return undefined;
    let next: Envelope | undefined;
    for (const envelope of this.#pending.values()) {
      if (compareIds(envelope.id, covers) <= 0 && (!next || compareIds(envelope.id, next.id) > 0)) next = envelope;
    }
    return next;
  }
}
