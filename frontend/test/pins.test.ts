import "fake-indexeddb/auto";
import { describe, expect, it } from "vitest";
import "./fake-rest";

const { Pins } = await import("../src/core/pins");
const { openStore } = await import("../src/core/store/db");

let stores = 0;

async function scene() {
  const store = await openStore(`pins-${stores++}`);
  let changes = 0;
  const pins = new Pins(store, () => changes++);
  /** What the directory says is Bob's key now. */
  let newest = "a";
  const takes = (fingerprint: string) => pins.takes("bob", fingerprint, async () => newest);
  return { store, pins, takes, offer: (fingerprint: string) => void (newest = fingerprint), changes: () => changes };
}

describe("the key of somebody", () => {
  it("is the first one that was seen", async () => {
    const { takes, pins, changes } = await scene();
    expect(await Promise.all([takes("a"), takes("a")])).toEqual([true, true]);
    expect(await pins.unsettled()).toEqual([]);
    expect(changes()).toBe(0);
  });

  it("is taken when it changes, told once, and what they signed before stays theirs", async () => {
    const { takes, pins, offer, changes } = await scene();
    await takes("a");
    offer("b");
    expect(await Promise.all([takes("b"), takes("a"), takes("b")])).toEqual([true, true, true]);
    expect(await pins.unsettled()).toMatchObject([{ fingerprint: "b", past: ["a"] }]);
    expect(changes()).toBe(1);
    await pins.settle("bob");
    expect(await pins.unsettled()).toEqual([]);
    expect(await takes("a")).toBe(true);
  });

  it("is not taken when they had been verified, until the owner of the device decides", async () => {
    const { takes, pins, offer, changes, store } = await scene();
    await takes("a");
    await pins.verify("bob", "a", 5);
    offer("b");
    expect(await Promise.all([takes("b"), takes("b"), takes("a")])).toEqual([false, false, true]);
    expect(await pins.unsettled()).toMatchObject([{ fingerprint: "a", offered: "b", verified_at: 5 }]);
    expect(changes()).toBe(1);
    await pins.settle("bob");
    expect(await takes("b")).toBe(true);
    expect(await store.pins.get("bob")).toEqual({ user_id: "bob", fingerprint: "b", past: ["a"] });
  });

  it("is settled by comparing the new one", async () => {
    const { takes, pins, offer, store } = await scene();
    await takes("a");
    await pins.verify("bob", "a", 5);
    offer("b");
    await takes("b");
    await pins.verify("bob", "b", 9);
    expect(await store.pins.get("bob")).toEqual({ user_id: "bob", fingerprint: "b", past: ["a"], verified_at: 9 });
    expect(await pins.unsettled()).toEqual([]);
    await pins.verify("bob", "b", undefined);
    expect(await store.pins.get("bob")).toEqual({ user_id: "bob", fingerprint: "b", past: ["a"] });
  });

  it("may have been another one before this device knew them, but not of somebody verified", async () => {
    const { takes, pins, changes } = await scene();
    await takes("a");
    expect(await takes("older")).toBe(true);
    // The server may have invented it: whoever uses this device is told.
    expect(await pins.unsettled()).toMatchObject([{ fingerprint: "a", past: ["older"] }]);
    expect(changes()).toBe(1);
    await pins.verify("bob", "a", 5);
    expect(await takes("older")).toBe(true);
    expect(await takes("invented")).toBe(false);
    expect(await pins.unsettled()).toEqual([]);
  });

  it("keeps what was compared while the directory is being asked", async () => {
    const { takes, pins, store } = await scene();
    await takes("a");
    let answer: (fingerprint: string) => void = () => undefined;
    const slow = pins.takes("bob", "b", () => new Promise((resolve) => (answer = resolve)));
    const verified = pins.verify("bob", "a", 5);
    await new Promise((resolve) => setTimeout(resolve, 20));
    answer("a");
    await Promise.all([slow, verified]);
    expect(await store.pins.get("bob")).toMatchObject({ fingerprint: "a", verified_at: 5 });
  });

  it("waits when the directory cannot be asked", async () => {
    const { takes, pins } = await scene();
    await takes("a");
    const away = () => Promise.reject(new Error("away"));
    await expect(pins.takes("bob", "b", away)).rejects.toThrow("away");
    expect(await takes("a")).toBe(true);
  });
});
