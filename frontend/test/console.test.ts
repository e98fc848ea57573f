import { describe, expect, it, vi } from "vitest";
import type { Case } from "../src/api/types";
import { LoadedKey } from "../src/console/disclosure-client";
import { parsePlace, placeText } from "../src/console/place";
import { barsOf } from "../src/console/volume";
import { fromInput, hasConsent, periodOf } from "../src/console/words";
import type { ToWorker } from "../src/core/disclosure-worker";

const HOUR_MS = 3_600_000;
const CASE = "01890a5d-ac96-774b-bcce-b302099a8057";

describe("a place in the console", () => {
  it("stands whole in the URL", () => {
    const place = { view: "exports" as const, query: { case: CASE, order: "newest_first" as const } };
    expect(parsePlace(placeText(place))).toEqual(place);
    expect(placeText({ view: "messages", query: { order: "newest_first" } })).toBe("");
    expect(parsePlace("?view=constructor").view).toBe("messages");
    expect(parsePlace("?view=report").view).toBe("report");
  });
});

describe("volume bars", () => {
  it("count every message once, in stretches without a hole", () => {
    const times = [0, 1, 59_999, 60_000, 5 * 60_000].map((at) => 1_800_000_000_000 + at);
    const bars = barsOf(times);
    expect(bars.map(({ count }) => count)).toEqual([3, 1, 0, 0, 0, 1]);
    for (const [at, bar] of bars.entries()) expect(bars[at + 1]?.from ?? bar.to).toBe(bar.to);
    expect(barsOf([])).toEqual([]);
    expect(barsOf([7])).toHaveLength(1);
  });

  it("stay few, however long the time is", () => {
    for (const hours of [1, 30, 500, 9_000, 100_000]) {
      const times = Array.from({ length: 200 }, (_, at) => 1_700_000_000_000 + (at / 199) * hours * HOUR_MS);
      const bars = barsOf(times);
      expect(bars.length).toBeLessThanOrEqual(60);
      expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(times.length);
    }
  });
});

describe("words", () => {
  it("take what was typed as UTC", () => {
    expect(fromInput("2026-11-12T10:30")).toBe("2026-11-12T10:30:00.000Z");
    expect(fromInput("")).toBeUndefined();
    expect(periodOf({ from: "2026-11-12T10:30:00Z" })).toBe("from 2026-11-12 10:30 UTC on");
    expect(periodOf({})).toBe("any time");
  });

  it("say who can use a consent", () => {
    const at = "2026-11-27T00:00:00Z";
    const decision = { granted: true, reason: "yes", by: "rosa", at, valid_until: "2026-12-01T00:00:00Z" };
    const approval = {
      approval_id: "1",
      action: "export" as const,
      reason: "court",
      requested_by: "quinn",
      requested_at: at,
    };
    const one = (decided: Partial<typeof decision> | undefined): Case =>
      ({
        approvals: [{ ...approval, ...(decided ? { decision: { ...decision, ...decided } } : {}) }],
      }) as unknown as Case;
    const now = Date.parse(at);
    expect(hasConsent(one({}), "export", "quinn", now)).toBe(true);
    expect(hasConsent(one({}), "export", "rosa", now)).toBe(false);
    expect(hasConsent(one({}), "query", "quinn", now)).toBe(false);
    expect(hasConsent(one({ granted: false }), "export", "quinn", now)).toBe(false);
    expect(hasConsent(one({ valid_until: at }), "export", "quinn", now)).toBe(false);
    expect(hasConsent(one(undefined), "export", "quinn", now)).toBe(false);
  });
});

/** A worker that has a key and then never answers. */
class Silent {
  static last: Silent;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: (() => void) | null = null;
  posted: ToWorker[] = [];
  terminated = false;
  constructor() {
    Silent.last = this;
  }
  postMessage(message: ToWorker): void {
    this.posted.push(message);
    if ("load" in message)
      queueMicrotask(() =>
        this.onmessage?.({ data: { request: message.request, held: { fingerprint: "ab", recipient: "cd" } } }),
      );
  }
  terminate(): void {
    this.terminated = true;
  }
}

describe("a loaded key", () => {
  it("is read by the worker, and tells whoever waits when it is dropped", async () => {
    vi.stubGlobal("Worker", Silent);
    vi.stubGlobal("location", { origin: "https://sealcast.example" });
    const file = new File(["secret"], "compliance.key");
    const key = await LoadedKey.load(file);
    // The file itself goes over, never its octets.
    expect(Silent.last.posted).toEqual([{ request: 1, load: file }]);
    const sealed = { id: "1-1" } as Parameters<LoadedKey["open"]>[0];
    const waiting = key.open(sealed);
    const refusing = key.sessionKey("AA==");
    key.drop();
    expect(Silent.last.terminated).toBe(true);
    expect(await waiting).toEqual({ id: "1-1", refused: "The compliance key was dropped.", values: {} });
    await expect(refusing).rejects.toThrow("dropped");
    expect(await key.open(sealed)).toHaveProperty("refused");
  });

  it("is none when the file is another one, in this page's own words", async () => {
    vi.stubGlobal("location", { origin: "https://sealcast.example" });
    vi.stubGlobal(
      "Worker",
      class extends Silent {
        override postMessage({ request }: ToWorker): void {
          queueMicrotask(() => this.onmessage?.({ data: { request, refusal: "not_a_key", values: {} } }));
        }
      },
    );
    await expect(LoadedKey.load(new File(["x"], "holiday.jpg"))).rejects.toThrow(/^This is not a compliance key\.$/);
    expect(Silent.last.terminated).toBe(true);
  });

  it("is none when the worker does not start", async () => {
    vi.stubGlobal("location", { origin: "https://sealcast.example" });
    vi.stubGlobal(
      "Worker",
      class extends Silent {
        override postMessage(): void {
          queueMicrotask(() => this.onerror?.());
        }
      },
    );
    await expect(LoadedKey.load(new File([], "compliance.key"))).rejects.toThrow("dropped");
  });
});
