import "fake-indexeddb/auto";
import { openDB } from "idb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SessionView } from "../src/api/types";
import { generateUserKey } from "../src/core/crypto/keys";
import { localKeyOf, openLocal, sealLocal } from "../src/core/crypto/local";
import type { Identity } from "../src/core/identity";
import { chooseKeeping, drop, isKeeping, keep, restore } from "../src/core/kept-key";

const DAY_MS = 86_400_000;

async function scene() {
  const key = await generateUserKey("ann", new Date());
  const fingerprint = key.getFingerprint();
  const identity = { key, sessionId: "s1", fingerprint, localKey: await localKeyOf(key) } as Identity;
  const session: SessionView = {
    session_id: "s1",
    user_id: "u1",
    username: "ann",
    role: "member",
    fingerprint,
    expires_at: new Date(Date.now() + DAY_MS).toISOString(),
  };
  return { identity, session };
}

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"] }));

afterEach(async () => {
  vi.useRealTimers();
  await drop();
  await chooseKeeping(true);
});

describe("a kept key", () => {
  it("opens the session that it was kept for", async () => {
    const { identity, session } = await scene();
    await keep(identity);
    const back = await restore(session);
    expect(back).toMatchObject({ userId: "u1", username: "ann", sessionId: "s1", fingerprint: identity.fingerprint });
    // It is the same key: what one sealed on this device, the other opens.
    const sealed = await sealLocal("a draft", identity.localKey);
    expect(back && (await openLocal(sealed, back.localKey))).toBe("a draft");
  });

  it("does not open another session, another account's, or after a week", async () => {
    const { identity, session } = await scene();
    await keep(identity);
    expect(await restore({ ...session, session_id: "s2" })).toBeUndefined();
    expect(await restore({ ...session, fingerprint: "f".repeat(64) })).toBeUndefined();
    vi.setSystemTime(Date.now() + 8 * DAY_MS);
    expect(await restore(session)).toBeUndefined();
  });

  it("is gone when it is dropped, and is not kept where somebody said so", async () => {
    const { identity, session } = await scene();
    await keep(identity);
    await drop();
    expect(await restore(session)).toBeUndefined();
    expect(await isKeeping()).toBe(true);
    await chooseKeeping(false);
    await keep(identity);
    expect(await restore(session)).toBeUndefined();
  });

  it("lies sealed, under a key that cannot be read out", async () => {
    const { identity } = await scene();
    await keep(identity);
    const db = await openDB("sealcast-kept");
    const kept = (await db.get("kept", "only")) as { wrapping: CryptoKey; sealed: Uint8Array };
    db.close();
    expect(kept.wrapping.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("raw", kept.wrapping)).rejects.toThrow(/extractable/);
    const secret = Buffer.from(identity.key.write()).toString("latin1");
    expect(Buffer.from(kept.sealed).toString("latin1")).not.toContain(secret.slice(60, 92));
  });
});
