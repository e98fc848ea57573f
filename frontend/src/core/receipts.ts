import { ApiError } from "../api/problems";
import type { Envelope } from "../api/types";
import type { AuditLog } from "./audit-log";
import { compareIds } from "./stream/events";

const PENDING_MAX = 500;

/** Own accepted messages that wait for the proof that the audit log holds them. */
export class Receipts {
  #log: AuditLog;
  #onLogged: (envelope: Envelope) => void;
  #pending = new Map<string, Envelope>();
  #covers: string | undefined;
  #draining = false;

  constructor(log: AuditLog, onLogged: (envelope: Envelope) => void) {
    this.#log = log;
    this.#onLogged = onLogged;
  }

  add(envelope: Envelope): void {
    if (this.#pending.size >= PENDING_MAX) this.#pending.delete(this.#pending.keys().next().value as string);
    this.#pending.set(envelope.id, envelope);
    void this.#drain();
  }

  /** A checkpoint covers every message up to `covers`. */
  advance(covers: string): void {
    if (!this.#covers || compareIds(covers, this.#covers) > 0) this.#covers = covers;
    void this.#drain();
  }

  async #drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (;;) {
        const next = this.#nextCovered();
        if (!next) return;
        // What is not proven now, because a witness is missing say, may be with the next checkpoint.
        if (!(await this.#log.prove(next))) return;
        this.#onLogged(next);
        this.#pending.delete(next.id);
      }
    } catch (error) {
      // The next checkpoint, or the next message, tries again what is left.
      if (!(error instanceof ApiError)) throw error;
    } finally {
      this.#draining = false;
    }
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
