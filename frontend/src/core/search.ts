import { openLocal, sealLocal } from "./crypto/local";
import type { SearchHit, SearchResult, TimelineItem } from "./model";
import type { Store } from "./store/db";

const MESSAGES_MAX = 50_000;
const HITS_MAX = 50;
const BLOCK = 500;
const FLUSH_MS = 2_000;

/** A message as it is kept; without text it is gone. */
type Entry = SearchHit;
interface Indexed {
  entry: Entry;
  folded: string;
}

/**
 * The messages that this device has read, to search in. On disk they are blocks under the device's key; in memory they
 * are plain and scanned: 50,000 messages take some milliseconds, and no structure has to be kept in step.
 */
export class SearchIndex {
  #store: Store;
  #key: CryptoKey;
  #byKey = new Map<string, Indexed>();
  #queue: Entry[] = [];
  #flush: ReturnType<typeof setTimeout> | undefined;

  private constructor(store: Store, key: CryptoKey) {
    this.#store = store;
    this.#key = key;
  }

  static async open(store: Store, key: CryptoKey): Promise<SearchIndex> {
    const index = new SearchIndex(store, key);
    const blocks = await store.search.all();
    const opened = await Promise.all(blocks.map((block) => openLocal<Entry[]>(block, key)));
    for (const entries of opened) for (const entry of entries ?? []) index.#set(entry);
    if (blocks.length > 2 * Math.ceil(index.#byKey.size / BLOCK) + 10) await index.#compact();
    return index;
  }

  /** Takes up what a tab shows; an edit replaces, a deletion removes. */
  put(roomId: string, item: TimelineItem): void {
    if (item.id === undefined || item.body.kind === "unreadable") return;
    const text = item.body.kind === "text" ? item.body.text : "";
    const known = this.#byKey.get(item.key);
    if (known ? known.entry.text === text : text === "") return;
    const entry = { key: item.key, id: item.id, roomId, senderName: item.senderName, at: item.at, text };
    this.#set(entry);
    this.#queue.push(entry);
    this.#flush ??= setTimeout(() => void this.#write(), FLUSH_MS);
  }

  /** Messages that hold every word, newest first. */
  search(words: string, roomId: string | undefined): SearchResult {
    const wanted = fold(words).split(/\s+/).filter(Boolean);
    const hits: Entry[] = [];
    let searched = 0;
    let since: number | undefined;
    for (const { entry, folded } of this.#byKey.values()) {
      if (roomId !== undefined && entry.roomId !== roomId) continue;
      searched++;
      if (since === undefined || entry.at < since) since = entry.at;
      if (wanted.length > 0 && wanted.every((word) => folded.includes(word))) hits.push(entry);
    }
    return { hits: hits.toSorted((a, b) => b.at - a.at).slice(0, HITS_MAX), searched, since };
  }

  /** Writes nothing afterwards: what was not written is read again at the next visit. */
  stop(): void {
    clearTimeout(this.#flush);
  }

  #set(entry: Entry): void {
    if (entry.text === "") this.#byKey.delete(entry.key);
    else this.#byKey.set(entry.key, { entry, folded: fold(`${entry.senderName} ${entry.text}`) });
  }

  async #write(): Promise<void> {
    this.#flush = undefined;
    const entries = this.#queue;
    this.#queue = [];
    await this.#store.search.add(await sealLocal(entries, this.#key));
  }

  /** Many small blocks become few, and the oldest messages above the limit go. */
  async #compact(): Promise<void> {
    const entries = [...this.#byKey.values()].map(({ entry }) => entry).toSorted((a, b) => a.at - b.at);
    for (const { key } of entries.splice(0, Math.max(0, entries.length - MESSAGES_MAX))) this.#byKey.delete(key);
    const blocks = Array.from({ length: Math.ceil(entries.length / BLOCK) }, (_, at) =>
      sealLocal(entries.slice(at * BLOCK, (at + 1) * BLOCK), this.#key),
    );
    await this.#store.search.replace(await Promise.all(blocks));
  }
}

/** Case and accents do not matter. */
const fold = (text: string): string => text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
