import "fake-indexeddb/auto";
import { describe, expect, it, vi } from "vitest";
import type { TimelineItem } from "../src/core/model";
import { SearchIndex } from "../src/core/search";
import { openStore } from "../src/core/store/db";

const ROOM = "room-1";
const aKey = () => crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

const item = (seq: number, text: string): TimelineItem => ({
  key: `ann:${seq}`,
  id: `1-${seq}`,
  sender: "ann",
  senderName: "ann",
  at: seq,
  mine: false,
  body: text === "" ? { kind: "deleted" } : { kind: "text", text, mentions: [] },
});

async function written(store: Awaited<ReturnType<typeof openStore>>, blocks: number): Promise<void> {
  await vi.waitFor(async () => expect(await store.search.all()).toHaveLength(blocks), { timeout: 5_000 });
}

describe("search", () => {
  it("finds every word anywhere, whatever case and accents, newest first", async () => {
    const index = await SearchIndex.open(await openStore("search-1"), await aKey());
    index.put(ROOM, item(1, "Der Zug fährt um zwölf"));
    index.put(ROOM, item(2, "zwolf Zugvögel"));
    index.put("other", item(3, "Zug nach Zürich"));
    expect(index.search("ZUG zwölf", undefined).hits.map(({ id }) => id)).toEqual(["1-2", "1-1"]);
    expect(index.search("zug", ROOM)).toMatchObject({ searched: 2, since: 1 });
    expect(index.search("zug", "other").hits).toHaveLength(1);
    expect(index.search("  ", undefined).hits).toEqual([]);
  });

  it("follows edits and forgets what was deleted", async () => {
    const index = await SearchIndex.open(await openStore("search-2"), await aKey());
    index.put(ROOM, item(1, "lunch at noon"));
    index.put(ROOM, item(1, "lunch at one"));
    expect(index.search("noon", undefined).hits).toEqual([]);
    index.put(ROOM, item(1, ""));
    expect(index.search("lunch", undefined)).toMatchObject({ hits: [], searched: 0 });
  });

  it("comes back at the next visit, and only to who holds the key", async () => {
    const store = await openStore("search-3");
    const key = await aKey();
    const index = await SearchIndex.open(store, key);
    index.put(ROOM, item(1, "the launch code is mauve"));
    await written(store, 1);
    const [block] = await store.search.all();
    expect(new TextDecoder().decode(block)).not.toContain("mauve");
    expect((await SearchIndex.open(store, key)).search("mauve", undefined).hits).toHaveLength(1);
    expect((await SearchIndex.open(store, await aKey())).search("mauve", undefined).hits).toEqual([]);
  });

  it("writes nothing twice, and folds many small blocks into few", async () => {
    const store = await openStore("search-4");
    const key = await aKey();
    const index = await SearchIndex.open(store, key);
    for (let round = 0; round < 3; round++) index.put(ROOM, item(1, "once"));
    await written(store, 1);
    const [block] = await store.search.all();
    for (let copy = 0; copy < 20; copy++) await store.search.add(block as Uint8Array<ArrayBuffer>);
    const again = await SearchIndex.open(store, key);
    expect(again.search("once", undefined).searched).toBe(1);
    expect(await store.search.all()).toHaveLength(1);
  });
});
