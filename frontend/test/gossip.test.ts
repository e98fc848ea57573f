import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Envelope } from "../src/api/types";
import type { ComplianceCertificate } from "../src/core/compliance";
import { noCheckpoint } from "../src/core/crypto/context";
import { generateRoomKey, generateUserKey } from "../src/core/crypto/keys";
import { sealMessage } from "../src/core/crypto/message";
import { toBase64 } from "../src/core/crypto/octets";
import type { Directory } from "../src/core/directory";
import type { LogState } from "../src/core/model";
import type { Rooms } from "../src/core/rooms";
import { FakeLog, makeLogKey } from "./fake-log";
import { FakeRest, json, problem } from "./fake-rest";

const { AuditLog } = await import("../src/core/audit-log");
const { MessageReader } = await import("../src/core/message-reader");
const { openStore } = await import("../src/core/store/db");

const ROOM = "01890a5d-ac96-774b-bcce-b302099a8057";
const CID = "01890a5d-ac96-774b-bcce-b302099a8058";
const CONSISTENCY = "GET /audit/consistency";
const CHECKPOINT = "GET /audit/checkpoint";
const TURN_MS = 10_000;

const key = await makeLogKey();
/** Two trees under one key, the same up to the fourth leaf. */
const real = await FakeLog.of(key, 24);
const forged = await FakeLog.of(key, 24, "forged", 4);

let clients = 0;
let rest: FakeRest;
const open: { stop: () => void }[] = [];

async function client() {
  let state: LogState = { state: "unchecked" };
  const store = await openStore(`gossip-${clients++}`);
  const log = new AuditLog(store, (now) => (state = now));
  open.push(log);
  return { log, store, state: () => state };
}

/** Somebody who was shown this log up to `size`, and verified it. */
async function shown(tree: FakeLog, size: number) {
  tree.serve(rest, size);
  const somebody = await client();
  await somebody.log.look();
  expect(somebody.state()).toMatchObject({ state: "consistent", size });
  return somebody;
}

const seenOf = async (tree: FakeLog, size: number) => ({ size, root: (await tree.root(size)).slice(0, 16) });

const realTimeout = setTimeout;
/** The work of a step is done by then: signatures and hashes are made beside the event loop. */
const breathe = () => new Promise((resolve) => realTimeout(resolve, 4));

/** Lets time go by, in steps. */
async function pass(ms = 500): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    await vi.advanceTimersByTimeAsync(Math.min(left, 500));
    await breathe();
  }
}

/** Lets time go by until it is so. */
async function until(holds: () => boolean): Promise<void> {
  for (let steps = 0; !holds(); steps++) {
    if (steps > 400) throw new Error("it never came to that");
    await pass();
  }
}

const broken = (somebody: { state: () => LogState }) => until(() => somebody.state().state === "broken");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  rest = new FakeRest();
});
afterEach(() => {
  for (const log of open.splice(0)) log.stop();
  vi.useRealTimers();
});

describe("a split view", () => {
  it("shows as soon as somebody who was shown the other tree writes", async () => {
    const now = new Date();
    const [annKey, roomKey] = [await generateUserKey("ann", now), await generateRoomKey(now)];
    const compliance = (await generateUserKey("compliance", now)).toPublic();
    const ann = await shown(forged, 9);
    const context = { room: ROOM, epoch: 1, cid: CID, prev: new Uint8Array(16), cp: await ann.log.seen() };
    const keys = { sender: annKey, room: roomKey.toPublic(), compliance };
    const { env, sig } = await sealMessage({ kind: "text", text: "hi", mentions: [] }, context, keys, now);
    const envelope: Envelope = {
      id: "1-7",
      room_id: ROOM,
      cid: CID,
      sender: "ann-id",
      sender_fp: annKey.getFingerprint(),
      epoch: 1,
      env: toBase64(env),
      sig: toBase64(sig),
      accepted_at: now.toISOString(),
    };

    const ben = await shown(real, 12);
    const person = { userId: "ann-id", username: "ann", key: annKey.toPublic() };
    const reader = new MessageReader(
      { userId: "ben-id", username: "ben" },
      { keys: async () => ({ keys: new Map([[1, { key: roomKey }]]) }) } as unknown as Rooms,
      { byFingerprint: async () => ({ ok: true, person }) } as unknown as Directory,
      { keyOf: () => compliance } as unknown as ComplianceCertificate,
      (...told) => ben.log.heed(...told),
    );
    const read = await reader.read(envelope);
    expect(read).toMatchObject({ kind: "row", row: { item: { body: { text: "hi" }, senderName: "ann" } } });
    await broken(ben);
    expect(ben.state()).toMatchObject({ state: "broken", who: "ann", why: expect.stringContaining("two faces") });
  });

  it.each([
    ["earlier", 5, 12],
    ["earlier, at a power of two", 8, 12],
    ["earlier, at the greatest power of two", 16, 18],
    ["of the same size", 9, 9],
  ])("shows at a size that is %s", async (_, theirs, ours) => {
    const ben = await shown(real, ours);
    ben.log.heed(await seenOf(forged, theirs), "ann-id", "ann");
    await broken(ben);
    expect(ben.state()).toMatchObject({ state: "broken", who: "ann", why: expect.stringContaining("two faces") });
  });

  it("shows in whatever order messages are read", async () => {
    const ben = await shown(real, 12);
    ben.log.heed(await seenOf(forged, 9), "ann-id", "ann");
    ben.log.heed(await seenOf(real, 3), "ann-id", "ann");
    await broken(ben);
    expect(ben.state()).toMatchObject({ state: "broken", who: "ann", why: expect.stringContaining("two faces") });
  });

  it("shows at a size that this client had not been shown yet", async () => {
    const ben = await shown(real, 9);
    real.serve(rest, 14);
    ben.log.heed(await seenOf(forged, 12), "ann-id", "ann");
    await broken(ben);
    expect(ben.state()).toMatchObject({ state: "broken", why: expect.stringContaining("two faces") });
  });

  it("shows when the server never gets as far as the sender has seen", async () => {
    const ben = await shown(real, 9);
    for (const [turn, size] of [12, 13, 14].entries()) {
      expect(ben.state().state).toBe("consistent");
      // A sender who goes on writing does not keep the alarm away.
      ben.log.heed(await seenOf(forged, size), "ann-id", "ann");
      await until(() => rest.count(CHECKPOINT) === turn + 2);
    }
    await broken(ben);
    expect(ben.state()).toMatchObject({ who: "ann", why: expect.stringContaining("rolled back or split") });
  });

  it("shows also where a witness is required, and what it has not cosigned counts for nothing else", async () => {
    const ben = await shown(real, 6);
    await ben.store.meta.put("log-witnesses", ["witness.example/w1+00000000+BAAA"]);
    real.serve(rest, 14);
    ben.log.heed(await seenOf(real, 12), "ann-id", "ann");
    await until(() => rest.count(CONSISTENCY) === 2);
    await pass(TURN_MS);
    expect(ben.state()).toMatchObject({ state: "consistent", size: 6 });
    expect(await ben.log.seen()).toEqual(await seenOf(real, 6));
    ben.log.heed(await seenOf(forged, 13), "ann-id", "ann");
    await broken(ben);
    expect(ben.state()).toMatchObject({ who: "ann", why: expect.stringContaining("two faces") });
  });

  it("shows when the proof of the past does not lead here", async () => {
    const ben = await shown(real, 12);
    rest.on(CONSISTENCY, async () => json({ from: 7, to: 12, path: (await forged.path(7, 12)).map(toBase64) }));
    ben.log.heed(await seenOf(forged, 7), "ann-id", "ann");
    await broken(ben);
    expect(ben.state()).toMatchObject({ state: "broken", why: expect.stringContaining("not an extension") });
  });
});

describe("a roll-back", () => {
  it("shows when the newest checkpoint stays smaller than one that was verified", async () => {
    const ben = await shown(real, 12);
    real.serve(rest, 9);
    const looking = ben.log.look();
    await pass(5_000);
    expect(ben.state().state).toBe("consistent");
    await broken(ben);
    await looking;
    expect(ben.state()).toMatchObject({ state: "broken", why: expect.stringContaining("rolled back") });
  });

  it("shows when no proof leads to what was verified, or the log is gone", async () => {
    for (const gone of [CONSISTENCY, CHECKPOINT]) {
      const ben = await shown(real, 9);
      real.serve(rest, 12);
      rest.on(gone, () => problem(404, "not-found"));
      const looking = ben.log.look();
      await broken(ben);
      await looking;
      expect(ben.state()).toMatchObject({ state: "broken", why: expect.stringContaining("rolled back") });
    }
  });

  it("is not taken from a server that cannot answer", async () => {
    const ben = await shown(real, 9);
    real.serve(rest, 12);
    for (const status of [401, 429, 503]) {
      rest.on(CONSISTENCY, () => problem(status, "no"));
      await expect(ben.log.look()).rejects.toThrow("No.");
    }
    expect(ben.state()).toMatchObject({ state: "consistent", size: 9 });
  });
});

describe("an honest log", () => {
  it("raises no alarm, whatever size a sender has seen", async () => {
    for (const ours of [3, 8, 9, 12]) {
      const ben = await shown(real, ours);
      for (let theirs = 0; theirs <= ours; theirs++) {
        ben.log.heed(await seenOf(real, theirs), `sender ${theirs}`, "ann");
      }
      // The root of one more than a power of two cannot be shown yet; the newest is known.
      const shownLater = Number.isInteger(Math.log2(ours - 1)) && ours > 2 ? 1 : 0;
      const before = rest.count(CONSISTENCY);
      await until(() => rest.count(CONSISTENCY) - before === ours - 2 - shownLater);
      await pass(2 * TURN_MS);
      expect(rest.count(CONSISTENCY) - before).toBe(ours - 2 - shownLater);
      expect(ben.state()).toMatchObject({ state: "consistent", size: ours });
    }
  });

  it("raises no alarm while another edge is a moment behind", async () => {
    const ben = await shown(real, 12);
    const behind = [await real.checkpoint(9), await real.checkpoint(11)];
    rest.on(CHECKPOINT, async () => json(behind.shift() ?? (await real.checkpoint(14))));
    rest.on(CONSISTENCY, async () =>
      rest.count(CONSISTENCY) < 3
        ? problem(404, "not-found")
        : json({ from: 12, to: 14, path: (await real.path(12, 14)).map(toBase64) }),
    );
    const looking = ben.log.look();
    await until(() => ben.state().state === "consistent" && rest.count(CONSISTENCY) === 3);
    await looking;
    expect(ben.state()).toMatchObject({ state: "consistent", size: 14 });
  });

  it("raises no alarm when a message is faster than its checkpoint", async () => {
    const ben = await shown(real, 9);
    ben.log.heed(await seenOf(real, 12), "ann-id", "ann");
    await until(() => rest.count(CHECKPOINT) === 3);
    expect(ben.state()).toMatchObject({ state: "consistent", size: 9 });
    real.serve(rest, 13);
    await until(() => rest.count(CHECKPOINT) === 4);
    await pass(5 * TURN_MS);
    expect(ben.state()).toMatchObject({ state: "consistent", size: 13 });
  });

  it("is asked for one sender in ten seconds, and never for what is known", async () => {
    const ben = await shown(real, 20);
    for (let size = 2; size < 20; size++) ben.log.heed(await seenOf(real, size), `sender ${size}`, "ann");
    await pass(TURN_MS - 1_000);
    expect(rest.count(CONSISTENCY)).toBe(1);
    await pass(TURN_MS);
    expect(rest.count(CONSISTENCY)).toBe(2);
    await until(() => rest.count(CONSISTENCY) === 18);
    await pass();
    const [checkpoints, proofs] = [rest.count(CHECKPOINT), rest.count(CONSISTENCY)];
    for (let size = 2; size <= 20; size++) ben.log.heed(await seenOf(real, size), `sender ${size}`, "ann");
    await pass(TURN_MS);
    expect([rest.count(CHECKPOINT), rest.count(CONSISTENCY)]).toEqual([checkpoints, proofs]);
  });
});

describe("what is signed into messages", () => {
  it("is never a checkpoint that did not verify", async () => {
    const { log, state } = await client();
    expect(await log.seen()).toEqual(await noCheckpoint());
    const forgedNote = { ...(await forged.checkpoint(9)), note: (await real.checkpoint(9)).note };
    rest.on(CHECKPOINT, () => json(forgedNote));
    await log.look();
    expect(state().state).toBe("broken");
    expect(await log.seen()).toEqual(await noCheckpoint());
  });

  it("is the newest one that is an extension of the one before", async () => {
    const ben = await shown(real, 9);
    expect(await ben.log.seen()).toEqual(await seenOf(real, 9));
    forged.serve(rest, 12);
    await ben.log.look();
    expect(ben.state()).toMatchObject({ state: "broken", why: expect.stringContaining("not an extension") });
    expect(await ben.log.seen()).toEqual(await seenOf(real, 9));
  });
});
