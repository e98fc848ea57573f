import "fake-indexeddb/auto";
import { describe, expect, it, vi } from "vitest";
import type { Envelope } from "../src/api/types";
import type { Unread } from "../src/core/model";
import { FakeRest, json } from "./fake-rest";

const { readingOf, keyOf } = await import("../src/core/message-reader");
const { openStore } = await import("../src/core/store/db");
const { UnreadCounts } = await import("../src/core/unread");

const ROOM = "01890a5d-ac96-774b-bcce-b302099a8057";
const envelope = (seq: number, sender = "ann", env = ""): Envelope => ({
  id: `1-${seq}`,
  room_id: ROOM,
  cid: `cid-${seq}`,
  sender,
  sender_fp: "fp",
  epoch: 1,
  env,
  sig: "",
  accepted_at: "2026-11-24T01:02:03Z",
});
/** `env` stands for who is mentioned; “react” for a reaction. */
const read = async (message: Envelope) => {
  const base = { key: keyOf(message), id: message.id, sender: message.sender, senderName: "", at: 0, mine: false };
  if (message.env === "react") return readingOf(base, { kind: "react", target: "x", emoji: "👍", off: false }, "me");
  return readingOf(base, { kind: "text", text: "", mentions: message.env ? [message.env] : [] }, "me");
};

async function scene(name: string) {
  let last: Unread | undefined;
  const store = await openStore(name);
  const told = new Map<string, string>();
  const make = () =>
    new UnreadCounts({ store, me: "me", read, told: async () => told, announce: (_, unread) => (last = unread) });
  const counts = make();
  const add = async (message: Envelope) => counts.add(message, await read(message));
  return { counts, add, make, told, last: () => last };
}

describe("unread", () => {
  it("counts what others say, mentions apart, and neither reactions nor repetitions", async () => {
    const { counts, add, last } = await scene("unread-1");
    await counts.catchUp([ROOM], "1-10");
    expect(last()).toEqual({ count: 0, mentions: 0, readUpTo: "1-10", newest: undefined });
    for (const message of [envelope(9), envelope(11), envelope(12, "ben", "me"), envelope(12, "ben", "me")])
      await add(message);
    await add(envelope(13, "ben", "react"));
    expect(last()).toMatchObject({ count: 2, mentions: 1, readUpTo: "1-10", newest: "1-12" });
    await counts.markRead(ROOM, "1-11");
    expect(last()).toMatchObject({ count: 1, mentions: 1, readUpTo: "1-11" });
    await counts.markRead(ROOM, "1-3");
    expect(last()?.readUpTo).toBe("1-11");
  });

  it("takes one's own message, from whatever device, as having read", async () => {
    const { counts, add, last } = await scene("unread-2");
    await counts.catchUp([ROOM], "1-1");
    await add(envelope(2));
    await add(envelope(3, "me"));
    expect(last()).toEqual({ count: 0, mentions: 0, readUpTo: "1-3", newest: undefined });
  });

  it("counts at the next visit what came in between", async () => {
    const { counts, make, last } = await scene("unread-3");
    await counts.catchUp([ROOM], "1-1");
    const rest = new FakeRest().on(`GET /rooms/${ROOM}/messages`, ({ query }) => {
      expect(query.get("after")).toBe("1-1");
      return json({ items: [envelope(2), envelope(3, "ben", "me")] });
    });
    await make().catchUp([ROOM], "1-3");
    expect(rest.asked).toHaveLength(1);
    expect(last()).toMatchObject({ count: 2, mentions: 1, readUpTo: "1-1" });
  });

  it("looks once more for what the archive did not have yet, whatever came live meanwhile", async () => {
    const { counts, make, last } = await scene("unread-again");
    await counts.catchUp([ROOM], "1-1");
    const asked: (string | null)[] = [];
    new FakeRest().on(`GET /rooms/${ROOM}/messages`, ({ query }) => {
      asked.push(query.get("after"));
      return json({ items: asked.length === 1 ? [] : [envelope(2), envelope(3)] });
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const back = make();
    await back.catchUp([ROOM], "1-2");
    await back.add(envelope(3), await read(envelope(3)));
    expect(last()).toMatchObject({ count: 1 });
    await vi.runOnlyPendingTimersAsync();
    vi.useRealTimers();
    await vi.waitFor(() => expect(last()).toMatchObject({ count: 2, newest: "1-2" }));
    expect(asked).toEqual(["1-1", "1-1"]);
  });

  it("does not look again once it was stopped", async () => {
    const { counts, make } = await scene("unread-stopped");
    await counts.catchUp([ROOM], "1-1");
    const rest = new FakeRest().on(`GET /rooms/${ROOM}/messages`, () => json({ items: [] }));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const [stopped, late] = [make(), make()];
    await stopped.catchUp([ROOM], "1-1");
    stopped.stop();
    await vi.runOnlyPendingTimersAsync();
    expect(rest.asked).toHaveLength(1);
    late.stop();
    await late.catchUp([ROOM], "1-1");
    await vi.runOnlyPendingTimersAsync();
    vi.useRealTimers();
    expect(rest.asked).toHaveLength(2);
  });

  it("takes a room that began while this device was away as new", async () => {
    const { counts, make, last } = await scene("unread-4");
    await counts.catchUp([ROOM], "1-1");
    const other = "01890a5d-ac96-774b-bcce-b302099a8099";
    const rest = new FakeRest()
      .on(`GET /rooms/${ROOM}/messages`, () => json({ items: [] }))
      .on(`GET /rooms/${other}/messages`, ({ query }) => {
        expect(query.get("after")).toBeNull();
        return json({ items: [{ ...envelope(2, "ben"), room_id: other }] });
      });
    await make().catchUp([ROOM, other], "1-2");
    expect(rest.asked).toHaveLength(2);
    expect(last()).toMatchObject({ count: 1, readUpTo: undefined });
  });

  it("goes on from where another device has read, and never back", async () => {
    const { counts, add, told, last } = await scene("unread-5");
    await counts.catchUp([ROOM], "1-1");
    for (const seq of [2, 3, 4]) await add(envelope(seq));
    told.set(ROOM, "1-3");
    await counts.adopt();
    expect(last()).toMatchObject({ count: 1, readUpTo: "1-3" });
    told.set(ROOM, "1-2");
    await counts.adopt();
    expect(last()).toMatchObject({ count: 1, readUpTo: "1-3" });
  });

  it("is counted on a new device from where the others have read", async () => {
    const { counts, told, last } = await scene("unread-6");
    told.set(ROOM, "1-5");
    new FakeRest().on(`GET /rooms/${ROOM}/messages`, ({ query }) => {
      expect(query.get("after")).toBe("1-5");
      return json({ items: [envelope(6), envelope(7)] });
    });
    await counts.catchUp([ROOM], "1-7");
    expect(last()).toMatchObject({ count: 2, readUpTo: "1-5" });
  });
});
