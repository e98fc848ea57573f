import { type DBSchema, openDB } from "idb";
import type { LeafRange } from "../api/types";
import { GROWING, type Growing, type Lines } from "./lines";

/** An export on its way, as this browser keeps it: a reload, or a lost connection, goes on where it stopped. */
export interface Draft {
  export_id: string;
  /** Who began it: nobody else is shown it. */
  officer: string;
  case_id: string;
  case_number: string;
  /** How many messages the log said that it holds, and the leaf that tells of it. */
  messages: number;
  leaf_index: number;
  begun_at: string;
  /** Absent until the server was asked which leaves it takes. */
  range?: LeafRange;
  /** The next leaf to be fetched, and the octets so far. */
  next: number;
  octets: number;
}

interface Schema extends DBSchema {
  drafts: { key: string; value: Draft };
  /** Lines of a part, by export, part and the leaf that they begin with. */
  lines: { key: [string, string, number]; value: string };
}

/** Stands before every leaf: what was fetched first. */
const BEFORE = -1;
/** What is left lying this long is thrown away: it is other people's business. */
const KEPT_MS = 14 * 86_400_000;

export const isComplete = ({ range, next }: Draft): boolean => range !== undefined && next >= range.to;

/** The officer's exports, newest first. */
export const drafts = (officer: string): Promise<Draft[]> =>
  withStore(async (db) => {
    const all = await db.getAll("drafts");
    const old = all.filter(({ begun_at }) => Date.parse(begun_at) < Date.now() - KEPT_MS);
    await Promise.all(old.map(({ export_id }) => dropFrom(db, export_id)));
    return all
      .filter((draft) => draft.officer === officer && !old.includes(draft))
      .toSorted((a, b) => b.begun_at.localeCompare(a.begun_at));
  });

export const draft = (id: string): Promise<Draft | undefined> => withStore((db) => db.get("drafts", id));

/** Keeps how far an export has come together with what was fetched: neither is there without the other. */
export const keep = (draft: Draft, lines: Partial<Lines> = {}, from = BEFORE): Promise<void> =>
  withStore(async (db) => {
    const change = db.transaction(["drafts", "lines"], "readwrite");
    for (const [part, text] of Object.entries(lines))
      if (text) void change.objectStore("lines").put(text, [draft.export_id, part, from]);
    void change.objectStore("drafts").put(draft);
    await change.done;
  });

/** The whole of a part. */
export const partOf = (id: string, part: Growing): Promise<string> =>
  withStore(async (db) => (await db.getAll("lines", linesOf(id, part))).join(""));

/** Throws a sentence for people when another tab is fetching it. */
export const drop = (id: string): Promise<void> => alone(id, () => withStore((db) => dropFrom(db, id)));

/** Two tabs at one export would fetch the same leaves, or bring back half of what the other has removed. */
export const alone = <T>(id: string, work: () => Promise<T>): Promise<T> =>
  navigator.locks.request(`export-${id}`, { ifAvailable: true }, (lock) => {
    if (!lock) throw new Error("Another tab is at this export.");
    return work();
  }) as Promise<T>;

type Store = Awaited<ReturnType<typeof open>>;

async function dropFrom(db: Store, id: string): Promise<void> {
  const change = db.transaction(["drafts", "lines"], "readwrite");
  for (const part of GROWING) void change.objectStore("lines").delete(linesOf(id, part));
  void change.objectStore("drafts").delete(id);
  await change.done;
}

const linesOf = (id: string, part: Growing): IDBKeyRange =>
  IDBKeyRange.bound([id, part, BEFORE], [id, part, Number.MAX_SAFE_INTEGER]);

async function withStore<T>(use: (db: Store) => Promise<T>): Promise<T> {
  const db = await open();
  try {
    return await use(db);
  } finally {
    db.close();
  }
}

const open = () =>
  openDB<Schema>("sealcast-exports", 1, {
    upgrade(db) {
      db.createObjectStore("drafts", { keyPath: "export_id" });
      db.createObjectStore("lines");
    },
  });
