import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KEY_LIFETIME_MS } from "../src/core/disclosure-lifetime";
import type { FromWorker, ToWorker } from "../src/core/disclosure-worker";
import { vectorOctets, vectorText } from "./vectors";

const MINUTE_MS = 60_000;
const file = (name: string): File => new File([vectorOctets(name)], name);
const share = (number: number): string => vectorText(`shares/compliance.key.share-${number}`);

/** What a worker's own scope is. */
const scope = {
  onmessage: undefined as unknown as (event: { data: ToWorker }) => void,
  postMessage: (reply: FromWorker): void => waiting?.(reply),
  close: vi.fn<() => void>(),
};
let waiting: ((reply: FromWorker) => void) | undefined;

const ask = (message: ToWorker): Promise<FromWorker> =>
  new Promise((resolve) => {
    waiting = resolve;
    scope.onmessage({ data: message });
  });

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  scope.close.mockReset();
  vi.stubGlobal("self", scope);
  vi.resetModules();
  await import("../src/core/disclosure-worker");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the worker that holds a key", () => {
  it("puts its shares together, and ends ten minutes after the last", async () => {
    const fingerprint = "5d330ebe2de4ebb4f1c170923e348374d1d291c4342001eab085619f561306fd";
    const held = (numbers: number[]) => ({ held: { fingerprint, shares: { numbers, threshold: 3 } } });
    expect(await ask({ request: 1, load: file("shares/compliance.key") })).toEqual({
      request: 1,
      held: { fingerprint, shares: { numbers: [], threshold: undefined } },
    });
    expect(await ask({ request: 2, share: file("shares/compliance.key.share-2") })).toMatchObject(held([2]));
    vi.advanceTimersByTime(9 * MINUTE_MS);
    expect(await ask({ request: 3, share: share(5) })).toMatchObject(held([2, 5]));
    // What is refused gives no time.
    vi.advanceTimersByTime(9 * MINUTE_MS);
    expect(await ask({ request: 4, share: share(5) })).toMatchObject({ error: expect.stringContaining("already") });
    expect(await ask({ request: 5, sessionKey: "AA==" })).toMatchObject({ error: "no key is loaded" });
    expect(await ask({ request: 6, share: share(1) })).toEqual({
      request: 6,
      held: { fingerprint, recipient: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(await ask({ request: 7, share: share(3) })).toMatchObject({ error: "No key waits for shares." });
    vi.advanceTimersByTime(KEY_LIFETIME_MS - 1);
    expect(scope.close).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(scope.close).toHaveBeenCalledOnce();
  });

  it("ends with a share that nobody added to", async () => {
    await ask({ request: 1, load: file("shares/compliance.key") });
    await ask({ request: 2, share: share(1) });
    vi.advanceTimersByTime(KEY_LIFETIME_MS);
    expect(scope.close).toHaveBeenCalledOnce();
  });

  it("tells that shares of another key are gone", async () => {
    await ask({ request: 1, load: file("shares/compliance.key") });
    const words = (number: number) => vectorText(`shares/other.key.share-${number}`).replaceAll(/^#.*\n/gm, "");
    await ask({ request: 2, share: words(1) });
    const reply = await ask({ request: 3, share: words(2) });
    expect(reply).toMatchObject({ error: expect.stringContaining("do not open"), held: { shares: { numbers: [] } } });
  });

  it("reads no file that is no key, and none that is too large", async () => {
    const error = expect.stringContaining("too large") as string;
    expect(await ask({ request: 1, load: new File(["x".repeat(20_000)], "a") })).toMatchObject({ error });
    // Not what a library says of it: the page has its own words.
    for (const other of [file("certs/compliance.v6.pub.pgp"), new File(["x"], "a"), new File([], "a")])
      expect(await ask({ request: 2, load: other })).toEqual({ request: 2, refusal: "not_a_key", values: {} });
    await ask({ request: 3, load: file("shares/compliance.key") });
    expect(await ask({ request: 4, share: new File(["x".repeat(20_000)], "a") })).toMatchObject({ error });
  });
});
