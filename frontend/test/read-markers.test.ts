import { afterEach, describe, expect, it, vi } from "vitest";
import { generateUserKey } from "../src/core/crypto/keys";
import { fromBase64, toBase64 } from "../src/core/crypto/octets";
import { FakeRest, json } from "./fake-rest";

const { ReadMarkers } = await import("../src/core/read-markers");

const ROOM = "01890a5d-ac96-774b-bcce-b302099a8057";
const OTHER = "01890a5d-ac96-774b-bcce-b302099a8099";

describe("a read marker", () => {
  afterEach(() => vi.useRealTimers());

  it("opens on another device of the account, for its room alone, and to nobody else", async () => {
    const key = await generateUserKey("ann", new Date());
    const sealed = await new ReadMarkers(key).seal(ROOM, "3-1234567890");
    const elsewhere = new ReadMarkers(key);
    expect(await elsewhere.open(ROOM, sealed)).toBe("3-1234567890");
    expect(await elsewhere.open(OTHER, sealed)).toBeUndefined();
    const stranger = new ReadMarkers(await generateUserKey("ben", new Date()));
    expect(await stranger.open(ROOM, sealed)).toBeUndefined();
    const changed = fromBase64(sealed);
    changed[20] = (changed[20] ?? 0) ^ 1;
    expect(await elsewhere.open(ROOM, toBase64(changed))).toBeUndefined();
    new FakeRest().on("GET /me/read-markers", () =>
      json([
        { room_id: ROOM, sealed },
        { room_id: OTHER, sealed },
      ]),
    );
    expect(await elsewhere.all()).toEqual(new Map([[ROOM, "3-1234567890"]]));
  });

  it("is of one length, and of much that is read at once the last goes out", async () => {
    const markers = new ReadMarkers(await generateUserKey("ann", new Date()));
    const rest = new FakeRest().on(`PUT /rooms/${ROOM}/read-marker`, () => new Response(null, { status: 204 }));
    vi.useFakeTimers();
    for (const id of ["1-8", "1-9", "1-10"]) markers.share(ROOM, id);
    await vi.advanceTimersByTimeAsync(2_100);
    vi.useRealTimers();
    await vi.waitFor(() => expect(rest.asked).toHaveLength(1));
    const sealed = rest.asked.map(({ body }) => (body as { sealed: string }).sealed)[0] ?? "";
    expect(fromBase64(sealed)).toHaveLength(60);
    expect(await markers.open(ROOM, sealed)).toBe("1-10");
  });
});
