import { api, serverNow } from "../api/client";
import { ApiError } from "../api/problems";
import type { Envelope } from "../api/types";
import type { AuditLog } from "./audit-log";
import type { ComplianceCertificate } from "./compliance";
import { type Content, isEmoji } from "./crypto/content";
import { openLocal, sealLocal } from "./crypto/local";
import { resignMessage, sealMessage } from "./crypto/message";
import { type Octets, fromBase64, sha256, toBase64 } from "./crypto/octets";
import type { Identity } from "./identity";
import { type Reading, keyOf, readingOf } from "./message-reader";
import type { Delivery } from "./model";
import type { Rooms } from "./rooms";
import type { Store } from "./store/db";
import { backoffMs } from "./stream/backoff";
import { uuidv7 } from "./uuid";

const QUEUE_MAX = 200;
const TEXT_CHARS_MAX = 10_000;
/** The server refuses signatures older than 300 s. */
const SIGNATURE_FRESH_MS = 240_000;

interface Outgoing {
  cid: string;
  roomId: string;
  content: Content;
  createdAt: number;
  delivery: Delivery;
  /** Once sealed, the same octets are repeated until the outcome is known. */
  sealed?: { env: Octets; sig: Octets; epoch: number; signedAt: number; compliance: string };
  attempts: number;
}

export interface OutboxDeps {
  store: Store;
  identity: Identity;
  rooms: Rooms;
  compliance: ComplianceCertificate;
  log: AuditLog;
  /** Throws where nothing may be sent. */
  guard: (roomId: string) => Promise<void>;
  /** The own newest message of a room, for the hash chain. */
  newestOwn: (roomId: string) => Envelope | undefined;
  show: (roomId: string, reading: Reading) => void;
  hide: (roomId: string, key: string) => void;
  onAccepted: (envelope: Envelope) => Promise<void>;
}

/** Own messages on their way: one at a time in each room, repeated until the server's answer is certain. */
export class Outbox {
  #deps: OutboxDeps;
  #lanes = new Map<string, Outgoing[]>();
  #pumping = new Set<string>();
  #wakeUps = new Set<() => void>();
  #stopped = false;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  /** Takes up what an earlier visit left; what another key locked is dropped. */
  async restore(): Promise<void> {
    for (const row of await this.#deps.store.outbox.all()) {
      const content = await openLocal<Content>(row.draft, this.#deps.identity.localKey);
      if (content === undefined) await this.#deps.store.outbox.remove(row.cid);
      else
        this.#queue({
          cid: row.cid,
          roomId: row.room_id,
          content,
          createdAt: row.created_at,
          delivery: { state: "queued" },
          attempts: 0,
        });
    }
  }

  async enqueue(roomId: string, content: Content): Promise<void> {
    check(content);
    if ((this.#lanes.get(roomId)?.length ?? 0) >= QUEUE_MAX) throw new Error("Too many messages wait to be sent.");
    const entry: Outgoing = {
      cid: uuidv7(),
      roomId,
      content,
      createdAt: serverNow().getTime(),
      delivery: { state: "queued" },
      attempts: 0,
    };
    const draft = await sealLocal(content, this.#deps.identity.localKey);
    await this.#deps.store.outbox.put({ cid: entry.cid, room_id: roomId, created_at: entry.createdAt, draft });
    this.#queue(entry);
  }

  /** Shows what waits in a room to a tab that has just opened it. */
  showAll(roomId: string): void {
    for (const entry of this.#lanes.get(roomId) ?? []) this.#show(entry);
  }

  retry(roomId: string, key: string): void {
    const entry = this.#find(roomId, key);
    if (entry?.delivery.state !== "failed") return;
    delete entry.sealed;
    this.#set(entry, { state: "queued" });
    void this.#pump(roomId);
  }

  async discard(roomId: string, key: string): Promise<void> {
    const entry = this.#find(roomId, key);
    if (entry?.delivery.state !== "failed") return;
    await this.#remove(entry);
    this.#deps.hide(roomId, key);
  }

  /** The stream or the history has it: whatever the answer to the request was, it was accepted. */
  async confirm(envelope: Envelope): Promise<void> {
    const entry = this.#find(envelope.room_id, keyOf(envelope));
    if (entry) await this.#remove(entry);
  }

  wake(): void {
    for (const wakeUp of this.#wakeUps) wakeUp();
  }

  stop(): void {
    this.#stopped = true;
    this.wake();
  }

  #queue(entry: Outgoing): void {
    const lane = this.#lanes.get(entry.roomId) ?? [];
    this.#lanes.set(entry.roomId, [...lane, entry]);
    this.#show(entry);
    void this.#pump(entry.roomId);
  }

  async #pump(roomId: string): Promise<void> {
    if (this.#pumping.has(roomId)) return;
    this.#pumping.add(roomId);
    try {
      for (;;) {
        const next = this.#lanes.get(roomId)?.find(({ delivery }) => delivery.state !== "failed");
        if (!next || this.#stopped) return;
        const waitMs = await this.#attempt(next);
        if (waitMs !== undefined) await this.#wait(waitMs);
      }
    } finally {
      this.#pumping.delete(roomId);
    }
  }

  /** One try; gives how long to wait before the next, when there is one. */
  async #attempt(entry: Outgoing): Promise<number | undefined> {
    this.#set(entry, { state: "sending" });
    try {
      await this.#deps.guard(entry.roomId);
      const { env, sig, epoch } = await this.#seal(entry);
      if (this.#stopped) return undefined;
      const body = { cid: entry.cid, epoch, env: toBase64(env), sig: toBase64(sig) };
      const accepted = await api.sendMessage(entry.roomId, body);
      const { userId, fingerprint } = this.#deps.identity;
      const { id, accepted_at } = accepted;
      await this.#deps.onAccepted({
        id,
        accepted_at,
        room_id: entry.roomId,
        sender: userId,
        sender_fp: fingerprint,
        ...body,
      });
      await this.#remove(entry);
      return undefined;
    } catch (error) {
      return await this.#afterError(entry, error);
    }
  }

  async #afterError(entry: Outgoing, error: unknown): Promise<number | undefined> {
    const failures = entry.attempts++;
    if (!(error instanceof ApiError)) {
      this.#set(entry, {
        state: "failed",
        problem: error instanceof Error ? error.message : "It could not be encrypted.",
      });
      return undefined;
    }
    const waitMs = error.retryAfterS === undefined ? backoffMs(failures) : error.retryAfterS * 1_000;
    if (error.failure !== "refused" || error.status === 429 || error.status === 503) {
      this.#set(entry, { state: "queued" });
      return waitMs;
    }
    if (error.code === "epoch-stale" && failures < 3) {
      // Certainly not stored: it may be sealed to the new epoch under the same id.
      this.#deps.rooms.forget(entry.roomId);
      delete entry.sealed;
      return waitMs;
    }
    if (error.code === "compliance-recipient-missing" && entry.sealed) {
      // Certainly not stored: the compliance key has changed since, so it is sealed to the one of now.
      await this.#deps.compliance.refresh().catch(() => undefined);
      if (fingerprintOf(this.#deps.compliance) !== entry.sealed.compliance) {
        delete entry.sealed;
        return waitMs;
      }
    }
    this.#set(entry, { state: "failed", problem: error.message, code: error.code });
    return undefined;
  }

  async #seal(entry: Outgoing): Promise<NonNullable<Outgoing["sealed"]>> {
    const { identity, rooms, compliance, log, newestOwn } = this.#deps;
    const now = serverNow();
    const { sealed } = entry;
    if (sealed && now.getTime() - sealed.signedAt < SIGNATURE_FRESH_MS) return sealed;
    if (sealed) {
      const sig = await resignMessage(sealed.env, sealed.sig, identity.key, now);
      if (sig) return (entry.sealed = { ...sealed, sig, signedAt: now.getTime() });
    }
    const room = await rooms.currentKey(entry.roomId);
    const previous = newestOwn(entry.roomId);
    const prev = previous ? (await sha256(fromBase64(previous.env))).slice(0, 16) : new Uint8Array(16);
    const context = { room: entry.roomId, epoch: room.epoch, cid: entry.cid, prev, cp: await log.seen() };
    const keys = { sender: identity.key, room: room.key.toPublic(), compliance: compliance.key };
    const made = await sealMessage(entry.content, context, keys, now);
    const sealedTo = keys.compliance.getFingerprint();
    return (entry.sealed = { ...made, epoch: room.epoch, signedAt: now.getTime(), compliance: sealedTo });
  }

  async #wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wakeUps.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wakeUps.add(done);
    });
  }

  #find(roomId: string, key: string): Outgoing | undefined {
    return this.#lanes.get(roomId)?.find(({ cid }) => keyOf({ sender: this.#deps.identity.userId, cid }) === key);
  }

  async #remove(entry: Outgoing): Promise<void> {
    const lane = this.#lanes.get(entry.roomId) ?? [];
    this.#lanes.set(
      entry.roomId,
      lane.filter(({ cid }) => cid !== entry.cid),
    );
    await this.#deps.store.outbox.remove(entry.cid);
  }

  #set(entry: Outgoing, delivery: Delivery): void {
    entry.delivery = delivery;
    if (this.#lanes.get(entry.roomId)?.includes(entry)) this.#show(entry);
  }

  #show({ cid, roomId, content, createdAt, delivery }: Outgoing): void {
    const { userId, username } = this.#deps.identity;
    const base = { key: keyOf({ sender: userId, cid }), sender: userId, senderName: username, at: createdAt };
    this.#deps.show(roomId, readingOf({ ...base, mine: true, delivery }, content, username));
  }
}

/** Of the compliance key in force, or nothing where none may be used. */
function fingerprintOf(compliance: ComplianceCertificate): string | undefined {
  try {
    return compliance.key.getFingerprint();
  } catch {
    return undefined;
  }
}

/** Throws a sentence for people when a content cannot be sent. */
export function check(content: Content): void {
  if (content.kind === "react" && !isEmoji(content.emoji)) throw new Error("That is not an emoji.");
  if (content.kind !== "text" && content.kind !== "edit") return;
  if (!content.text.trim() && !("files" in content)) throw new Error("There is nothing to send.");
  if (content.text.length > TEXT_CHARS_MAX) throw new Error("A message can have 10,000 characters.");
}
