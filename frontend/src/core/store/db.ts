import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Envelope } from "../../api/types";

/** What a client keeps between visits: ciphertext, pins and drafts that only the password opens. */
interface Schema extends DBSchema {
  messages: { key: [string, string]; value: Envelope & { ord: string } };
  outbox: { key: string; value: OutboxRow };
  pins: { key: string; value: { user_id: string; fingerprint: string } };
  logged: { key: string; value: { id: string } };
  meta: { key: string; value: { key: string; value: unknown } };
}

/** A message that is not accepted yet. `draft` is its text, encrypted under a key that the password gives. */
export interface OutboxRow {
  cid: string;
  room_id: string;
  created_at: number;
  draft: Uint8Array<ArrayBuffer>;
}

export type Store = Awaited<ReturnType<typeof openStore>>;

const VERSION = 1;
/** How many envelopes of a room are kept. */
const ROOM_MESSAGES_MAX = 2_000;

/** Opens the store of one account on this device. */
export async function openStore(userId: string) {
  const db = await openDB<Schema>(`sealcast-${userId}`, VERSION, {
    upgrade(db) {
      db.createObjectStore("messages", { keyPath: ["room_id", "ord"] });
      db.createObjectStore("outbox", { keyPath: "cid" });
      db.createObjectStore("pins", { keyPath: "user_id" });
      db.createObjectStore("logged", { keyPath: "id" });
      db.createObjectStore("meta", { keyPath: "key" });
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
    /** The fingerprint first seen for an account; later ones are compared with it. */
    async pin(userId: string, fingerprint: string): Promise<string> {
      const pinned = await db.get("pins", userId);
      if (pinned) return pinned.fingerprint;
      await db.put("pins", { user_id: userId, fingerprint });
      return fingerprint;
    },
    logged: {
      has: async (id: string) => (await db.getKey("logged", id)) !== undefined,
      add: (id: string) => db.put("logged", { id }),
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
