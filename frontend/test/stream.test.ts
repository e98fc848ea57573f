import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoffMs, retryAfterMs } from "../src/core/stream/backoff";
import { type StreamEvent, compareIds, parseEvent } from "../src/core/stream/events";
import { type Connection, StreamReader } from "../src/core/stream/reader";

const ROOM = "01890a5d-ac96-774b-bcce-b302099a8057";
const encoder = new TextEncoder();

const frame = (name: string, data: unknown, id?: string) =>
  encoder.encode(`${id ? `id: ${id}\n` : ""}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
const hello = (head = "1-5", resume = "fresh") =>
  frame("hello", { node: "edge-1", head, resume, rooms: [ROOM], server_time: "2026-11-24T01:02:03Z" });
const message = (id: string, text = "") =>
  frame(
    "message",
    { id, room_id: ROOM, cid: ROOM, sender: ROOM, sender_fp: text, epoch: 1, env: "", sig: "", accepted_at: "" },
    id,
  );

/** A server that answers each attempt with the next response, and remembers what it was asked. */
class FakeServer {
  requests: Headers[] = [];
  controllers: ReadableStreamDefaultController<Uint8Array>[] = [];
  #answers: (() => Response)[] = [];

  answer(make: () => Response): void {
    this.#answers.push(make);
  }

  stream(...chunks: Uint8Array[]): void {
    this.answer(
      () =>
        new Response(
          new ReadableStream({
            start: (controller) => {
              this.controllers.push(controller);
              for (const chunk of chunks) controller.enqueue(chunk);
            },
          }),
        ),
    );
  }

  fetch = (_url: string, init: RequestInit): Promise<Response> => {
    this.requests.push(new Headers(init.headers));
    const make = this.#answers.shift();
    if (make) {
      const response = make();
      const controller = this.controllers.at(-1);
      init.signal?.addEventListener("abort", () => {
        try {
          controller?.error(new Error("aborted"));
        } catch {
          // ended already
        }
      });
      return Promise.resolve(response);
    }
    return new Promise((_, reject) => {
      init.signal?.addEventListener("abort", () => reject(new Error("aborted")));
    });
  };
}

function start(server: FakeServer, random = () => 0.5) {
  const events: StreamEvent[] = [];
  const connections: Connection[] = [];
  const reader = new StreamReader({
    fetch: server.fetch,
    onEvent: async (event) => void events.push(event),
    onConnection: (connection) => void connections.push(connection),
    random,
  });
  reader.start();
  return { reader, events, connections, states: () => connections.map(({ state }) => state) };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());
const settle = () => vi.advanceTimersByTimeAsync(0);

describe("stream reader", () => {
  it("resumes after the last handled message when the stream drops", async () => {
    const server = new FakeServer();
    server.stream(hello(), message("1-6"), message("1-7"));
    server.stream(hello("1-7", "exact"), message("1-8"));
    const { reader, events } = start(server);
    await settle();
    server.controllers[0]?.error(new Error("connection reset"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.requests[0]?.has("Last-Event-ID")).toBe(false);
    expect(server.requests[1]?.get("Last-Event-ID")).toBe("1-7");
    expect(events.flatMap((event) => (event.name === "message" ? [event.data.id] : []))).toEqual(["1-6", "1-7", "1-8"]);
    reader.stop();
  });

  it("resumes after the head when nothing was written before the drop", async () => {
    const server = new FakeServer();
    server.stream(hello("1-5"));
    const { reader } = start(server);
    await settle();
    server.controllers[0]?.close();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.requests[1]?.get("Last-Event-ID")).toBe("1-5");
    reader.stop();
  });

  it("retries a 503 after what the server asked for, and not before", async () => {
    const server = new FakeServer();
    server.answer(() => new Response(null, { status: 503, headers: { "Retry-After": "3" } }));
    const { reader, connections } = start(server);
    await vi.advanceTimersByTimeAsync(3_400);
    expect(server.requests).toHaveLength(1);
    expect(connections.at(-1)).toMatchObject({ state: "waiting" });
    await vi.advanceTimersByTimeAsync(200);
    expect(server.requests).toHaveLength(2);
    reader.stop();
  });

  it("stops at a 401 after one attempt", async () => {
    const server = new FakeServer();
    server.answer(() => new Response(null, { status: 401 }));
    const { states } = start(server);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(server.requests).toHaveLength(1);
    expect(states()).toEqual(["connecting", "unauthorized"]);
  });

  it("stops when the session is revoked", async () => {
    const server = new FakeServer();
    server.stream(hello(), frame("revoke", { reason: "signed out elsewhere" }), message("1-6"));
    const { connections, events } = start(server);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(server.requests).toHaveLength(1);
    expect(connections.at(-1)).toEqual({ state: "closed", reason: "signed out elsewhere" });
    expect(events.map(({ name }) => name)).toEqual(["hello"]);
  });

  it("reconnects when 45 s pass without a heartbeat, and not while they come", async () => {
    const server = new FakeServer();
    server.stream(hello());
    const { reader } = start(server);
    for (let beat = 0; beat < 5; beat++) {
      await vi.advanceTimersByTimeAsync(30_000);
      server.controllers[0]?.enqueue(encoder.encode(":\n\n"));
    }
    expect(server.requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(46_000);
    expect(server.requests).toHaveLength(2);
    reader.stop();
  });

  it("leaves a draining node within the spread, live until then", async () => {
    const server = new FakeServer();
    server.stream(hello(), frame("drain", { spread_ms: 10_000 }));
    const { reader, events } = start(server, () => 0.5);
    await vi.advanceTimersByTimeAsync(4_000);
    server.controllers[0]?.enqueue(message("1-6"));
    await vi.advanceTimersByTimeAsync(900);
    expect(server.requests).toHaveLength(1);
    expect(events.at(-1)?.name).toBe("message");
    await vi.advanceTimersByTimeAsync(200);
    expect(server.requests).toHaveLength(2);
    reader.stop();
  });

  it("skips the wait when it is kicked", async () => {
    const server = new FakeServer();
    server.answer(() => new Response(null, { status: 503, headers: { "Retry-After": "60" } }));
    const { reader } = start(server);
    await settle();
    reader.kick(true);
    await settle();
    expect(server.requests).toHaveLength(2);
    reader.stop();
  });

  it("survives characters that are cut between chunks, unknown events and malformed data", async () => {
    const server = new FakeServer();
    const whole = message("1-6", "Grüße 👋");
    server.stream(hello(), encoder.encode('event: later\ndata: {}\n\nevent: message\ndata: {"id":1}\n\n'));
    server.stream();
    const { reader, events } = start(server);
    await settle();
    for (const octet of whole) server.controllers[0]?.enqueue(Uint8Array.of(octet));
    await settle();
    expect(events.map(({ name }) => name)).toEqual(["hello", "message"]);
    expect(events.at(-1)).toMatchObject({ data: { sender_fp: "Grüße 👋" } });
    reader.stop();
  });

  it("counts failures up to a limit of 30 s and forgets them at the next hello", async () => {
    const server = new FakeServer();
    for (let n = 0; n < 8; n++) server.answer(() => new Response(null, { status: 500 }));
    const { reader, connections } = start(server, () => 1);
    await vi.advanceTimersByTimeAsync(1_000 + 2_000 + 4_000 + 8_000 + 16_000 + 30_000 + 30_000);
    expect(server.requests).toHaveLength(8);
    expect(connections.at(-1)).toMatchObject({ state: "waiting" });
    reader.stop();
  });
});

describe("back-off", () => {
  it("is full jitter below a doubling limit", () => {
    expect(backoffMs(0, () => 1)).toBe(1_000);
    expect(backoffMs(3, () => 1)).toBe(8_000);
    expect(backoffMs(3, () => 0)).toBe(0);
    expect(backoffMs(1_000, () => 1)).toBe(30_000);
    expect(retryAfterMs(5, () => 0)).toBe(5_000);
  });
});

describe("stream events", () => {
  it("refuses ids and data of another form", () => {
    expect(parseEvent("gap", '{"after":"1-2","up_to":"1-9"}')).toMatchObject({ name: "gap" });
    expect(parseEvent("gap", '{"after":"x","up_to":"1-9"}')).toBeUndefined();
    expect(parseEvent("toString", "{}")).toBeUndefined();
    expect(parseEvent("reset", "not json")).toBeUndefined();
  });

  it("orders ids by number", () => {
    expect(["1-10", "2-1", "1-9"].toSorted(compareIds)).toEqual(["1-9", "1-10", "2-1"]);
  });
});
