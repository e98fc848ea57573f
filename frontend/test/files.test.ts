import { describe, expect, it } from "vitest";
import { CHUNK_OCTETS } from "../src/core/crypto/file";
import { fromBase64 } from "../src/core/crypto/octets";
import type { Push } from "../src/core/model";
import { FakeRest, json, problem } from "./fake-rest";

const { Files } = await import("../src/core/files");

const ROOM = "01890a5d-ac96-774b-bcce-b302099a8057";
const ID = "01890a5d-ac96-774b-bcce-b302099a8058";
const AT = `/rooms/${ROOM}/attachments`;

/** A server that stores chunks, and a client of it. */
function scene() {
  const rest = new FakeRest();
  const stored = new Map<number, Uint8Array<ArrayBuffer>>();
  const pushes: Push[] = [];
  rest.on(`POST ${AT}`, () => json({}, 201));
  rest.on(`PUT ${AT}/${ID}/completion`, () => json({}));
  rest.on(`DELETE ${AT}/${ID}`, () => new Response(null, { status: 204 }));
  for (let index = 0; index < 8; index++) {
    rest.on(`PUT ${AT}/${ID}/chunks/${index}`, ({ body }) => {
      stored.set(index, body as Uint8Array<ArrayBuffer>);
      return new Response(null, { status: 204 });
    });
    rest.on(`GET ${AT}/${ID}/chunks/${index}`, () => new Response(stored.get(index) ?? null));
  }
  return { rest, stored, pushes, files: new Files((push) => pushes.push(push)) };
}

const octets = (size: number) => Uint8Array.from({ length: size }, (_, at) => (at * 31) % 251);
const fileOf = (size: number) => new File([octets(size)], "a/b: plan.png", { type: "image/png" });

async function sent(size: number) {
  const world = scene();
  await world.files.upload(ROOM, { id: ID, file: fileOf(size), w: 4, h: 3 });
  const [ref] = await world.files.finish([ID]);
  if (!ref) throw new Error("nothing was finished");
  return { ...world, ref };
}

describe("files", () => {
  it.each([0, 1, CHUNK_OCTETS, CHUNK_OCTETS + 1, 3 * CHUNK_OCTETS + 77])(
    "come back as they went: %i octets",
    async (size) => {
      const { rest, stored, files, ref, pushes } = await sent(size);
      const total = [...stored.values()].reduce((sum, chunk) => sum + chunk.length, 0);
      expect(rest.asked.find(({ route }) => route === `POST ${AT}`)?.body).toEqual({
        attachment_id: ID,
        octets: total,
      });
      expect(rest.asked.at(-1)?.body).toEqual({ sha256: ref.sum });
      expect(ref).toMatchObject({ name: "ab: plan.png", type: "image/png", size, w: 4, h: 3 });
      expect(pushes.at(-1)).toEqual({ push: "transfer", id: ID, done: size, total: size });
      expect(new Uint8Array(await (await files.open(ROOM, ref, "ticket")).arrayBuffer())).toEqual(octets(size));
    },
  );

  it("leave nothing of themselves on the server that it could read", async () => {
    const { stored } = await sent(2 * CHUNK_OCTETS);
    const plain = Buffer.from(octets(CHUNK_OCTETS)).subarray(0, 64);
    for (const chunk of stored.values()) expect(Buffer.from(chunk).includes(plain)).toBe(false);
    expect(Buffer.from(stored.get(0) ?? []).equals(Buffer.from(stored.get(1) ?? []))).toBe(false);
  });

  it("are refused when a chunk was changed, exchanged, or sealed anew by somebody who knows the key", async () => {
    const { files, stored, ref } = await sent(2 * CHUNK_OCTETS + 5);
    const whole = new Map(stored);
    const refused = () => expect(files.open(ROOM, ref, "ticket")).rejects.toThrow("not the file that was sent");
    const flipped = (whole.get(1) as Uint8Array<ArrayBuffer>).slice();
    flipped[9] = (flipped[9] ?? 0) ^ 1;
    stored.set(1, flipped);
    await refused();
    stored.set(0, whole.get(1) as Uint8Array<ArrayBuffer>);
    stored.set(1, whole.get(0) as Uint8Array<ArrayBuffer>);
    await refused();

    const key = await crypto.subtle.importKey("raw", fromBase64(ref.key), "AES-GCM", false, ["encrypt"]);
    const { sealChunk } = await import("../src/core/crypto/file");
    const other = await sealChunk(key, { room: ROOM, id: ID, chunks: 3 }, 0, new Uint8Array(CHUNK_OCTETS));
    stored.set(0, other);
    stored.set(1, whole.get(1) as Uint8Array<ArrayBuffer>);
    await refused();
  });

  it("are opened from what the command line sealed", async () => {
    const { fileKey, openChunk } = await import("../src/core/crypto/file");
    const key = await fileKey(new Uint8Array(32).fill(7));
    const sealed = fromBase64("Yy3YDFchkXOeR6kN5FHRPoRJo088zgWi");
    const at = { room: ROOM, id: ID, chunks: 2 };
    expect(new TextDecoder().decode(await openChunk(key, at, 1, sealed))).toBe("Sealcast");
    expect(await openChunk(key, at, 0, sealed)).toBeUndefined();
  });

  it("are sent on with the same octets when the server was away or asked for patience", async () => {
    const { rest, files, stored } = scene();
    const seen: Buffer[] = [];
    const answers = [
      problem(503, "unavailable", { "Retry-After": "0" }),
      problem(429, "too-many-requests", { "Retry-After": "0" }),
    ];
    rest.on(`PUT ${AT}/${ID}/chunks/0`, ({ body }) => {
      seen.push(Buffer.from(body as Uint8Array));
      const answer = answers.shift();
      if (answer) return answer;
      stored.set(0, body as Uint8Array<ArrayBuffer>);
      return new Response(null, { status: 204 });
    });
    await files.upload(ROOM, { id: ID, file: fileOf(10) });
    expect(seen).toHaveLength(3);
    expect(seen.every((one) => one.equals(seen[0] as Buffer))).toBe(true);
  });

  it("are taken back when they are refused or stopped", async () => {
    const { rest, files } = scene();
    rest.on(`PUT ${AT}/${ID}/chunks/1`, () => {
      files.cancel(ID);
      return new Response(null, { status: 204 });
    });
    await expect(files.upload(ROOM, { id: ID, file: fileOf(8 * CHUNK_OCTETS) })).rejects.toThrow("It was stopped.");
    expect(rest.count(`DELETE ${AT}/${ID}`)).toBe(1);
    expect(rest.count(`PUT ${AT}/${ID}/chunks/7`)).toBe(0);
    await expect(files.finish([ID])).rejects.toThrow("not uploaded yet");

    rest.on(`POST ${AT}`, () => problem(409, "limit-reached"));
    await expect(files.upload(ROOM, { id: ID, file: fileOf(10) })).rejects.toThrow("Limit-reached.");
    expect(rest.count(`DELETE ${AT}/${ID}`)).toBe(2);
  });

  it("that two ask for are fetched once, and one who stops does not stop the other", async () => {
    const { rest, files, stored, ref } = await sent(2 * CHUNK_OCTETS);
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    rest.on(`GET ${AT}/${ID}/chunks/1`, async () => {
      await held;
      return new Response(stored.get(1) ?? null);
    });
    const [one, other] = [files.open(ROOM, ref, "one"), files.open(ROOM, ref, "other")];
    files.cancel("one");
    await expect(one).rejects.toThrow("It was stopped.");
    release();
    expect((await other).size).toBe(2 * CHUNK_OCTETS);
    expect(rest.count(`GET ${AT}/${ID}/chunks/1`)).toBe(1);
    // The last one who stops ends it; who asks then begins anew.
    const last = files.open(ROOM, ref, "one");
    files.cancel("one");
    await expect(last).rejects.toThrow("It was stopped.");
    expect((await files.open(ROOM, ref, "one")).size).toBe(2 * CHUNK_OCTETS);
  });

  it("do not go up when they are too large", async () => {
    const { rest, files } = scene();
    const file = { name: "film.mov", type: "video/quicktime", size: 26_214_401 } as File;
    await expect(files.upload(ROOM, { id: ID, file })).rejects.toThrow("25 MB");
    expect(rest.asked).toHaveLength(0);
  });
});
