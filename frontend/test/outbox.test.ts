import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Envelope, NewMessage } from "../src/api/types";
import type { AuditLog } from "../src/core/audit-log";
import type { ComplianceCertificate } from "../src/core/compliance";
import { noCheckpoint } from "../src/core/crypto/context";
import type { Content } from "../src/core/crypto/content";
import { openEpoch } from "../src/core/crypto/epoch";
import { generateUserKey } from "../src/core/crypto/keys";
import { readMessage } from "../src/core/crypto/message";
import { fromBase64 } from "../src/core/crypto/octets";
import type { Identity } from "../src/core/identity";
import type { TimelineItem } from "../src/core/model";
import type { Rooms } from "../src/core/rooms";
import { FakeRest, json, problem } from "./fake-rest";

const { Outbox } = await import("../src/core/outbox");
const { openStore } = await import("../src/core/store/db");

const ROOM = "01890a5d-ac96-774b-bcce-b302099a8057";
const ROUTE = `POST /rooms/${ROOM}/messages`;
const REJECTED = { "Sealcast-Outcome": "rejected", "Retry-After": "1" };

const say = (text: string): Content => ({ kind: "text", text, mentions: [] });
let stores = 0;

async function scene(guard = async (): Promise<void> => undefined) {
  const rest = new FakeRest();
  const made = new Date(Date.now() - 5_000);
  const key = await generateUserKey("ann", made);
  const compliance = (await generateUserKey("compliance", made)).toPublic();
  const inForce = { key: compliance, refresh: async () => undefined as void };
  const room = await openEpoch({ room: ROOM, epoch: 1, prevFp: undefined }, key, made);
  const localKey = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const identity = {
    userId: "ann",
    username: "ann",
    key,
    fingerprint: key.getFingerprint(),
    localKey,
  } as unknown as Identity;
  const store = await openStore(`outbox-${stores++}`);
  const shown = new Map<string, TimelineItem>();
  const accepted: Envelope[] = [];
  const make = () =>
    new Outbox({
      store,
      identity,
      rooms: { currentKey: async () => room.key, forget: () => undefined } as unknown as Rooms,
      compliance: inForce as unknown as ComplianceCertificate,
      log: { seen: noCheckpoint } as unknown as AuditLog,
      guard,
      newestOwn: () => accepted.at(-1),
      show: (_, reading) => void (reading.kind === "row" && shown.set(reading.row.item.key, reading.row.item)),
      hide: (_, itemKey) => shown.delete(itemKey),
      onAccepted: async (envelope) => void accepted.push(envelope),
    });
  const states = () => [...shown.values()].map(({ delivery }) => delivery?.state);
  const open = (message: NewMessage) =>
    readMessage(
      { ...message, env: fromBase64(message.env), sig: fromBase64(message.sig), room: ROOM, acceptedAt: new Date() },
      { sender: key.toPublic(), room: room.key.key, compliance: inForce.key },
    );
  return {
    inForce,
    rest,
    store,
    outbox: make(),
    again: make,
    shown,
    accepted,
    states,
    open,
    bodies: () => bodiesOf(rest),
  };
}

const bodiesOf = (rest: FakeRest) => rest.asked.map(({ body }) => body as NewMessage);
const yes = ({ body }: { body: unknown }) =>
  json({ id: "1-1", cid: (body as NewMessage).cid, accepted_at: new Date().toISOString() }, 202);

beforeEach(() =>
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true, advanceTimeDelta: 100 }),
);
afterEach(() => vi.useRealTimers());

describe("outbox", () => {
  it("sends in the order of writing, each naming the one before", async () => {
    const { rest, outbox, accepted, open, bodies } = await scene();
    rest.on(ROUTE, yes);
    await outbox.enqueue(ROOM, say("one"));
    await outbox.enqueue(ROOM, say("two"));
    await vi.waitFor(() => expect(accepted).toHaveLength(2));
    const [one, two] = await Promise.all(bodies().map(open));
    expect([one, two]).toMatchObject([{ content: say("one") }, { content: say("two") }]);
    expect(one?.ok && one.context.prev).toEqual(new Uint8Array(16));
    expect(two?.ok && two.context.prev).not.toEqual(new Uint8Array(16));
  });

  it("repeats the same octets under the same id while the outcome is unknown", async () => {
    const { rest, outbox, accepted, bodies } = await scene();
    let tries = 0;
    rest.on(ROUTE, (asked) => {
      tries++;
      if (tries === 1) return Promise.reject(new TypeError("connection reset"));
      return tries === 2 ? problem(503, "unavailable", { "Retry-After": "1" }) : yes(asked);
    });
    await outbox.enqueue(ROOM, say("hello"));
    await vi.waitFor(() => expect(accepted).toHaveLength(1), { timeout: 10_000 });
    expect(bodies()).toHaveLength(3);
    expect(new Set(bodies().map((body) => JSON.stringify(body))).size).toBe(1);
  });

  it("seals anew once when the organisation has another compliance key by now", async () => {
    const { inForce, rest, outbox, accepted, states, open, bodies } = await scene();
    const next = (await generateUserKey("compliance", new Date(Date.now() - 5_000))).toPublic();
    inForce.refresh = async () => void (inForce.key = next);
    rest.on(ROUTE, (asked) => (rest.count(ROUTE) === 1 ? problem(422, "compliance-recipient-missing") : yes(asked)));
    await outbox.enqueue(ROOM, say("hello"));
    await vi.waitFor(() => expect(accepted).toHaveLength(1), { timeout: 10_000 });
    const [old, fresh] = bodies();
    expect(old?.cid).toBe(fresh?.cid);
    expect(await open(fresh!)).toMatchObject({ ok: true, content: say("hello") });

    rest.on(ROUTE, () => problem(422, "compliance-recipient-missing"));
    await outbox.enqueue(ROOM, say("again"));
    await vi.waitFor(() => expect(states()).toContain("failed"));
    expect(bodies()).toHaveLength(3);
  });

  it("sends nothing where a changed key is not settled, and sends it once it is", async () => {
    let settled = false;
    const { rest, outbox, accepted, shown } = await scene(async () => {
      if (!settled) throw new Error("Not sent: the key changed.");
    });
    rest.on(ROUTE, yes);
    await outbox.enqueue(ROOM, say("hello"));
    const failed = { state: "failed", problem: "Not sent: the key changed." };
    await vi.waitFor(() => expect([...shown.values()].map(({ delivery }) => delivery)).toEqual([failed]));
    expect(rest.asked).toEqual([]);
    settled = true;
    outbox.retry(ROOM, [...shown.keys()][0] ?? "");
    await vi.waitFor(() => expect(accepted).toHaveLength(1));
  });

  it("waits as long as the server asks after too many messages", async () => {
    const { rest, outbox, accepted, states } = await scene();
    rest.on(ROUTE, (asked) =>
      rest.count(ROUTE) < 3 ? problem(rest.count(ROUTE) === 1 ? 429 : 503, "busy", REJECTED) : yes(asked),
    );
    await outbox.enqueue(ROOM, say("hello"));
    await vi.waitFor(() => expect(states()).toEqual(["queued"]));
    await vi.waitFor(() => expect(accepted).toHaveLength(1), { timeout: 10_000 });
  });

  it("shows a refusal, holds nothing else up, and sends again when asked", async () => {
    const { rest, outbox, accepted, shown } = await scene();
    rest.on(ROUTE, () => problem(422, "envelope-malformed"));
    await outbox.enqueue(ROOM, say("refused"));
    const failed = () => [...shown.values()].find(({ delivery }) => delivery?.state === "failed");
    await vi.waitFor(() => expect(failed()).toBeDefined());
    rest.on(ROUTE, yes);
    await outbox.enqueue(ROOM, say("next"));
    await vi.waitFor(() => expect(accepted).toHaveLength(1));
    outbox.retry(ROOM, failed()?.key ?? "");
    await vi.waitFor(() => expect(accepted).toHaveLength(2));
  });

  it("seals anew when the room has a newer epoch", async () => {
    const { rest, outbox, accepted, bodies } = await scene();
    rest.on(ROUTE, (asked) => (rest.count(ROUTE) === 1 ? problem(409, "epoch-stale") : yes(asked)));
    await outbox.enqueue(ROOM, say("hello"));
    await vi.waitFor(() => expect(accepted).toHaveLength(1), { timeout: 10_000 });
    const [first, second] = bodies();
    expect(second?.cid).toBe(first?.cid);
    expect(second?.env).not.toBe(first?.env);
  });

  it("takes the stream's word when the answer never came", async () => {
    const { rest, outbox, store, bodies } = await scene();
    rest.on(ROUTE, () => problem(504, "timeout"));
    await outbox.enqueue(ROOM, say("hello"));
    await vi.waitFor(() => expect(bodies()).toHaveLength(1));
    await outbox.confirm({ room_id: ROOM, sender: "ann", cid: bodies()[0]?.cid } as Envelope);
    outbox.stop();
    expect(await store.outbox.all()).toEqual([]);
  });

  it("keeps drafts encrypted on the device and takes them up at the next visit", async () => {
    const { rest, outbox, again, store, accepted, open, bodies } = await scene();
    rest.on(ROUTE, () => Promise.reject(new TypeError("offline")));
    await outbox.enqueue(ROOM, say("a secret thought"));
    await vi.waitFor(() => expect(rest.count(ROUTE)).toBe(1));
    outbox.stop();
    const [row] = await store.outbox.all();
    expect(new TextDecoder().decode(row?.draft)).not.toContain("secret");
    rest.on(ROUTE, yes);
    await again().restore();
    await vi.waitFor(() => expect(accepted).toHaveLength(1));
    expect(await open(bodies().at(-1) as NewMessage)).toMatchObject({ ok: true, content: say("a secret thought") });
  });
});
