import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Envelope } from "../../api/types";
import type { Octets } from "../crypto/octets";
import type { Proven } from "../model";

/** What a client keeps between visits: ciphertext, pins, and what only the account's own key opens. */
interface Schema extends DBSchema {
  messages: { key: [string, string]; value: Envelope & { ord: string } };
  outbox: { key: string; value: OutboxRow };
  pins: { key: string; value: Pin };
  drafts: { key: string; value: { room_id: string; sealed: Octets } };
  search: { key: number; value: Octets };
  logged: { key: string; value: { id: string; proven: Proven } };
  meta: { key: string; value: { key: string; value: unknown } };
}

/** What this device knows of an account's key. */
export interface Pin {
  user_id: string;
  /** The one that it takes for theirs. */
  fingerprint: string;
  /** When it was compared with the person. */
  verified_at?: number;
  /** Those before it: what was signed with them stays theirs. */
  past?: string[];
  /** When another key came, until the owner of this device has settled it. */
  changed_at?: number;
  /** The other key, while the person had been verified and nothing is settled. */
  offered?: string;
}

/** A message that is not accepted yet. `draft` is what it says, encrypted under the device's key. */
export interface OutboxRow {
  cid: string;
  room_id: string;
  created_at: number;
  draft: Octets;
}

export type Store = Awaited<ReturnType<typeof openStore>>;

const VERSION = 2;
/** How many envelopes of a room are kept. */
const ROOM_MESSAGES_MAX = 2_000;

/** Opens the store of one account on this device. */
export async function openStore(userId: string) {
  const db = await openDB<Schema>(`sealcast-${userId}`, VERSION, {
    upgrade(db, from) {
      if (from < 1) {
        db.createObjectStore("messages", { keyPath: ["room_id", "ord"] });
        db.createObjectStore("outbox", { keyPath: "cid" });
        db.createObjectStore("pins", { keyPath: "user_id" });
        db.createObjectStore("logged", { keyPath: "id" });
        db.createObjectStore("meta", { keyPath: "key" });
      }
      db.createObjectStore("drafts", { keyPath: "room_id" });
      db.createObjectStore("search", { autoIncrement: true });
    },
  });
  return {
    close: () => db.close(),
    messages: messages(db),
    outbox: {
      all: () => db.getAll("outbox"),
      put: (row: OutboxRow) => db.put("outbox", row),
      remove: (cid: string) => db.delete("outbox", cid),
    },
    pins: {
      get: (userId: string) => db.get("pins", userId),
      all: () => db.getAll("pins"),
      put: (pin: Pin) => db.put("pins", pin),
    },
    drafts: {
      get: async (room: string) => (await db.get("drafts", room))?.sealed,
      put: (room: string, sealed: Octets) => db.put("drafts", { room_id: room, sealed }),
      remove: (room: string) => db.delete("drafts", room),
    },
    search: {
      all: () => db.getAll("search"),
      add: (block: Octets) => db.add("search", block),
      async replace(blocks: Octets[]): Promise<void> {
        const tx = db.transaction("search", "readwrite");
        await tx.store.clear();
        await Promise.all(blocks.map((block) => tx.store.add(block)));
        await tx.done;
      },
    },
    logged: {
      get: async (id: string) => (await db.get("logged", id))?.proven,
      add: (id: string, proven: Proven) => db.put("logged", { id, proven }),
      clear: () => db.clear("logged"),
    },
    meta: {
      get: async <T>(key: string) => (await db.get("meta", key))?.value as T | undefined,
      put: (key: string, value: unknown) => db.put("meta", { key, value }),
    },
  };
}

function messages(db: IDBPDatabase<Schema>) {
  const range = (room: string) => IDBKeyRange.bound([room, ""], [room, "\uffff"]);
  return {
    async put(envelopes: Envelope[]): Promise<void> {
      const tx = db.transaction("messages", "readwrite");
      await Promise.all(envelopes.map((envelope) => tx.store.put({ ...envelope, ord: ordOf(envelope.id) })));
      await tx.done;
    },
    /** The newest envelopes of a room, oldest first. */
    async newest(room: string, count: number): Promise<Envelope[]> {
      const found: Envelope[] = [];
      let cursor = await db.transaction("messages").store.openCursor(range(room), "prev");
      while (cursor && found.length < count) {
        found.push(cursor.value);
        cursor = await cursor.continue();
      }
      return found.toReversed();
    },
    /** Drops the oldest envelopes above the limit. */
    async trim(room: string): Promise<void> {
      const tx = db.transaction("messages", "readwrite");
      let excess = (await tx.store.count(range(room))) - ROOM_MESSAGES_MAX;
      let cursor = excess > 0 ? await tx.store.openCursor(range(room)) : null;
      while (cursor && excess-- > 0) {
        await cursor.delete();
        cursor = await cursor.continue();
      }
      await tx.done;
    },
    clear: () => db.clear("messages"),
  };
}

/** An id whose text order is its numeric order. */
function ordOf(id: string): string {
  const [epoch = "", seq = ""] = id.split("-");
  return `${epoch.padStart(10, "0")}-${seq.padStart(20, "0")}`;
}
