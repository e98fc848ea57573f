import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const HOUR = 3_600_000;
let stored: Map<string, string>;

beforeEach(() => {
  stored = new Map();
  vi.resetModules();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
});
afterEach(() => vi.unstubAllGlobals());

const visit = () => import("../src/shared/opening");

describe("whether the keys are about to open", () => {
  it("is not so on a first visit, nor on a locked one, until somebody gives the password", async () => {
    const first = await visit();
    expect(first.isOpening()).toBe(false);
    first.noteOpen(false);
    expect(first.isOpening()).toBe(false);
    first.noteOpening();
    expect(first.isOpening()).toBe(true);
    await first.opening;
  });

  it("is so when they were open at the last visit, but not after a lock", async () => {
    (await visit()).noteOpen(true);
    vi.resetModules();
    expect((await visit()).isOpening()).toBe(true);
    (await visit()).noteOpen(false);
    vi.resetModules();
    expect((await visit()).isOpening()).toBe(false);
  });

  it("is not so when so much time has passed that the password is asked for", async () => {
    (await visit()).noteOpen(true);
    stored.set("sealcast.prefs", JSON.stringify({ autoLockMinutes: 5 }));
    stored.set("sealcast.touched", String(Date.now() - HOUR));
    vi.resetModules();
    expect((await visit()).isOpening()).toBe(false);
  });
});
