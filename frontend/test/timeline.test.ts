import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Envelope } from "../src/api/types";
import type { Content } from "../src/core/crypto/content";
import type { TimelineChange, TimelineItem } from "../src/core/model";
import { FakeRest, json, problem } from "./fake-rest";

const { Timeline } = await import("../src/core/timeline");
const { keyOf, readingOf } = await import("../src/core/message-reader");
const { openStore } = await import("../src/core/store/db");

const ROOM = "01890a5d-ac96-774b-bcce-b302099a8057";
const ROUTE = `GET /rooms/${ROOM}/messages`;

const envelope = (seq: number): Envelope => ({
  id: `1-${seq}`,
  room_id: ROOM,
  cid: `cid-${seq}`,
  sender: "ann",
  sender_fp: "fp",
  epoch: 1,
  env: "",
  sig: "",
  accepted_at: "2026-11-24T01:02:03Z",
});

const text = (words: string): Content => ({ kind: "text", text: words, mentions: [] });
const baseOf = (message: Envelope) => ({
  key: keyOf(message),
  id: message.id,
  sender: message.sender,
  senderName: message.sender,
  at: 0,
  mine: false,
});

/** Pages are cut by size too: real messages are so many that two hundred never fit. */
const PAGE_MAX = 95;

/** An archive that holds messages up to `storedUpTo` and pages as the real one does. */
class Archive {
  constructor(
    readonly count: number,
    public storedUpTo = count,
  ) {}

  page = ({ query }: { query: URLSearchParams }): Response => {
    const [before, after] = [query.get("before"), query.get("after")].map((id) => id && Number(id.split("-")[1]));
    const stored = Array.from({ length: this.storedUpTo }, (_, at) => at + 1);
    const wanted = stored.filter((seq) => (!before || seq < before) && (!after || seq > after));
    const ordered = query.get("order") === "oldest_first" ? wanted : wanted.toReversed();
    const items = ordered.slice(0, Math.min(Number(query.get("limit")), PAGE_MAX)).map(envelope);
    const more = ordered.length > items.length ? { next_cursor: "more" } : {};
    return json({ items, ...more, stored_up_to: `1-${this.storedUpTo}` });
  };
}

let stores = 0;

async function scene(rest: FakeRest, head?: string) {
  const shown = new Map<string, TimelineItem>();
  const contents = new Map<string, Content>();
  let last: TimelineChange | undefined;
  const store = await openStore(`user-${stores++}`);
  const timeline = new Timeline(ROOM, {
    store,
    read: async (message) => readingOf(baseOf(message), contents.get(message.cid) ?? text(message.id), "ben"),
    push: (change) => {
      if (change.reset) shown.clear();
      for (const item of change.upserts) shown.set(item.key, item);
      for (const key of change.removed) shown.delete(key);
      last = change;
    },
    head: () => head,
    onOwn: () => undefined,
    onShown: () => undefined,
  });
  const sequences = () => [...shown.values()].map(({ id }) => Number(id?.split("-")[1])).toSorted((a, b) => a - b);
  return { rest, store, timeline, contents, shown, sequences, last: () => last };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** Lets time pass until something is so. */
const passes = async (done: () => boolean) => {
  for (let turns = 0; turns < 200 && !done(); turns++) {
    await vi.advanceTimersByTimeAsync(1_000);
    for (let steps = 0; steps < 20; steps++) await new Promise((resolve) => setImmediate(resolve));
  }
};

beforeEach(() =>
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true, advanceTimeDelta: 50 }),
);
afterEach(() => vi.useRealTimers());

describe("timeline", () => {
  it("opens with the newest page and pages back to the start", async () => {
    const rest = new FakeRest().on(ROUTE, new Archive(120).page);
    const { timeline, sequences, last } = await scene(rest);
    await timeline.open();
    await vi.waitFor(() => expect(sequences()).toEqual(range(71, 120)));
    expect(last()?.hasOlder).toBe(true);
    await timeline.loadOlder();
    await timeline.loadOlder();
    await vi.waitFor(() => expect(sequences()).toEqual(range(1, 120)));
    await vi.waitFor(() => expect(last()?.hasOlder).toBe(false));
  });

  it("asks again until the archive holds what the stream announced", async () => {
    const archive = new Archive(10, 7);
    const rest = new FakeRest().on(ROUTE, archive.page);
    const { timeline, sequences } = await scene(rest, "1-10");
    const opening = timeline.open();
    await vi.waitFor(() => expect(rest.count(ROUTE)).toBeGreaterThan(1));
    archive.storedUpTo = 10;
    await opening;
    await vi.waitFor(() => expect(sequences()).toEqual(range(1, 10)));
  });

  it("fills a gap with everything that the stream left out", async () => {
    const archive = new Archive(600, 100);
    const rest = new FakeRest().on(ROUTE, archive.page);
    const { timeline, sequences } = await scene(rest);
    await timeline.open();
    archive.storedUpTo = 600;
    // What comes live meanwhile lies beyond the gap.
    await timeline.live(envelope(601));
    await timeline.fillGap({ after: "1-100", upTo: "1-600" });
    await vi.waitFor(() => expect(sequences()).toEqual(range(51, 601)));
  });

  it("leaves no hole between a late archive and what this device has got, however late it is", async () => {
    const archive = new Archive(300, 100);
    const rest = new FakeRest().on(ROUTE, archive.page);
    const { timeline, store, sequences, last } = await scene(rest, "1-300");
    await store.messages.put(range(1, 300).map(envelope));
    void timeline.open();
    await vi.waitFor(() => expect(rest.count(ROUTE)).toBeGreaterThan(1));
    await timeline.live(envelope(301));
    await passes(() => last()?.status.state === "ready");
    expect(sequences()).toEqual([...range(51, 100), ...range(251, 301)]);
    rest.on(ROUTE, () => problem(503, "unavailable"));
    const asked = rest.count(ROUTE);
    await passes(() => rest.count(ROUTE) > asked + 2);
    archive.storedUpTo = 300;
    rest.on(ROUTE, archive.page);
    await passes(() => sequences().length === 251);
    expect(sequences()).toEqual(range(51, 301));
  });

  it("leaves no hole between an old cache and the newest page", async () => {
    const rest = new FakeRest().on(ROUTE, new Archive(300).page);
    const { timeline, store, sequences } = await scene(rest);
    await store.messages.put(range(1, 20).map(envelope));
    await timeline.open();
    await vi.waitFor(() => expect(sequences()).toEqual(range(251, 300)));
  });

  it("jumps beyond what only this device kept, though the newest page is still on its way", async () => {
    const rest = new FakeRest().on(ROUTE, new Archive(120).page);
    const { timeline, store } = await scene(rest);
    await store.messages.put(range(71, 120).map(envelope));
    void timeline.open();
    expect(await timeline.jump({ id: "1-2" })).toBe("ann:cid-2");
  });

  it("loads what it could not load as soon as the server is back, without a hole in what was cached", async () => {
    const rest = new FakeRest().on(ROUTE, () => problem(503, "unavailable"));
    const { timeline, store, sequences, last } = await scene(rest);
    await store.messages.put(range(1, 20).map(envelope));
    void timeline.open();
    await passes(() => last()?.status.state === "ready");
    await timeline.live(envelope(300));
    rest.on(ROUTE, new Archive(300).page);
    await passes(() => sequences().length === 50);
    expect(sequences()).toEqual(range(251, 300));
  });

  it("begins anew at a reset, whatever it was waiting for", async () => {
    const archive = new Archive(100, 60);
    const { timeline, sequences } = await scene(new FakeRest().on(ROUTE, archive.page), "1-100");
    void timeline.open();
    await passes(() => sequences().length === 50);
    const again = timeline.reset();
    archive.storedUpTo = 100;
    await passes(() => sequences().length === 50 && sequences()[49] === 100);
    await again;
    expect(sequences()).toEqual(range(51, 100));
  });

  it("takes no older page into a window that began anew meanwhile", async () => {
    const archive = new Archive(120);
    const rest = new FakeRest().on(ROUTE, archive.page);
    const { timeline, store, sequences } = await scene(rest);
    await timeline.open();
    let answer: (page: Response) => void = () => undefined;
    rest.on(ROUTE, () => new Promise((resolve) => (answer = resolve)));
    const older = timeline.loadOlder();
    await vi.waitFor(() => expect(rest.count(ROUTE)).toBe(2));
    rest.on(ROUTE, new Archive(3).page);
    await store.messages.clear();
    await timeline.reset();
    answer(archive.page({ query: new URLSearchParams({ before: "1-71", limit: "50" }) }));
    await older;
    await passes(() => sequences().length > 3);
    expect(sequences()).toEqual([1, 2, 3]);
  });

  it("shows what was cached when the server cannot be reached, and says so when nothing was", async () => {
    const down = new FakeRest().on(ROUTE, () => Promise.reject(new TypeError("network")));
    const cached = await scene(down);
    await cached.store.messages.put(range(1, 3).map(envelope));
    await cached.timeline.open();
    await vi.waitFor(() => expect(cached.sequences()).toEqual([1, 2, 3]));
    const empty = await scene(new FakeRest().on(ROUTE, () => problem(503, "unavailable")));
    await empty.timeline.open();
    await vi.waitFor(() => expect(empty.last()?.status.state).toBe("failed"));
  });

  it("takes a message once, whether it comes by stream, by page or both", async () => {
    const rest = new FakeRest().on(ROUTE, new Archive(5).page);
    const { timeline, sequences } = await scene(rest);
    const opening = timeline.open();
    await timeline.live(envelope(5));
    await timeline.live(envelope(6));
    await opening;
    await timeline.live(envelope(6));
    await vi.waitFor(() => expect(sequences()).toEqual(range(1, 6)));
  });

  it("starts anew after a reset and keeps what waits to be sent", async () => {
    const archive = new Archive(5);
    const { timeline, store, sequences, last } = await scene(new FakeRest().on(ROUTE, archive.page));
    await timeline.open();
    await store.messages.clear();
    const base = {
      key: "me:1",
      sender: "me",
      senderName: "me",
      at: 0,
      mine: true,
      delivery: { state: "queued" as const },
    };
    timeline.show(readingOf(base, text("later"), "me"));
    archive.storedUpTo = 2;
    await timeline.reset();
    await vi.waitFor(() => expect(last()?.status.state).toBe("ready"));
    await vi.waitFor(() => expect(sequences().filter(Number.isFinite)).toEqual([1, 2]));
    expect(sequences()).toHaveLength(3);
  });

  it("leaves no hole inside what only this device kept", async () => {
    const rest = new FakeRest().on(ROUTE, new Archive(300).page);
    const { timeline, store, sequences } = await scene(rest);
    await store.messages.put([...range(1, 20), ...range(290, 300)].map(envelope));
    await timeline.open();
    await vi.waitFor(() => expect(sequences()).toEqual(range(251, 300)));
  });

  it("shows edits, reactions and deletions at the message that they change, and in no row of their own", async () => {
    const target = "00000000-0000-4000-8000-000000000001";
    const { timeline, contents, shown } = await scene(new FakeRest().on(ROUTE, new Archive(0).page));
    await timeline.open();
    const send = async (seq: number, sender: string, cid: string, content: Content) => {
      contents.set(cid, content);
      await timeline.live({ ...envelope(seq), sender, cid });
    };
    await send(3, "ben", "c", { kind: "react", target: `ann:${target}`, emoji: "👍", off: false });
    await send(1, "ann", target, text("first"));
    await send(2, "ann", "b", { kind: "edit", target: `ann:${target}`, text: "better", mentions: [] });
    await send(4, "ben", "d", { kind: "edit", target: `ann:${target}`, text: "forged", mentions: [] });
    await send(5, "ben", "e", { kind: "delete", target: `ann:${target}` });
    const only = () => [...shown.values()];
    await vi.waitFor(() => expect(only()).toHaveLength(1));
    await vi.waitFor(() => expect(only()[0]?.body).toMatchObject({ kind: "text", text: "better", editedAt: 0 }));
    await vi.waitFor(() => expect(only()[0]?.reactions).toEqual([{ emoji: "👍", names: ["ben"], mine: false }]));
    await send(6, "ben", "f", { kind: "react", target: `ann:${target}`, emoji: "👍", off: true });
    await vi.waitFor(() => expect(only()[0]?.reactions).toBeUndefined());
    await send(7, "ann", "g", { kind: "delete", target: `ann:${target}` });
    await vi.waitFor(() => expect(only()[0]?.body).toEqual({ kind: "deleted" }));
  });

  it("keeps a quotation in step with what it quotes", async () => {
    const { timeline, contents, shown } = await scene(new FakeRest().on(ROUTE, new Archive(0).page));
    await timeline.open();
    contents.set("cid-2", { kind: "text", text: "yes", mentions: [], reply: "ann:cid-1" });
    await timeline.live(envelope(2));
    const quote = () => [...shown.values()].flatMap(({ body }) => (body.kind === "text" ? (body.quote ?? []) : []));
    await vi.waitFor(() => expect(quote()).toEqual([{ key: "ann:cid-1" }]));
    contents.set("cid-1", text("shall we?"));
    await timeline.live(envelope(1));
    await vi.waitFor(() => expect(quote()).toEqual([{ key: "ann:cid-1", senderName: "ann", text: "shall we?" }]));
  });

  it("goes back to a message, and to a day, however far it is", async () => {
    const { timeline, sequences } = await scene(new FakeRest().on(ROUTE, new Archive(900).page));
    await timeline.open();
    expect(await timeline.jump({ key: "ann:cid-300" })).toBe("ann:cid-300");
    expect(await timeline.jump({ id: "1-120" })).toBe("ann:cid-120");
    expect(await timeline.jump({ key: "ann:cid-9999" })).toBeUndefined();
    await vi.waitFor(() => expect(sequences()).toEqual(range(1, 900)));
    expect(await timeline.jump({ at: 0 })).toBe("ann:cid-1");
  });
});
