import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "../src/api/problems";
import type { Envelope } from "../src/api/types";
import { Receipts } from "../src/core/receipts";
import type { Proven } from "../src/core/model";

const envelope = (seq: number) => ({ id: `1-${seq}` }) as Envelope;
const proven = { leafIndex: 0, size: 1, root: "", steps: 0, at: 0 } satisfies Proven;
const notYet = () => new ApiError("refused", 409, "not_yet_logged", "not yet", undefined);

function scene(prove: (envelope: Envelope) => Promise<Proven | undefined>) {
  const asked = vi.fn(prove);
  const logged: string[] = [];
  const receipts = new Receipts({ prove: asked }, ({ id }) => logged.push(id));
  return { receipts, asked, logged };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("asks for what a checkpoint covers, the newest first", async () => {
  const { receipts, asked, logged } = scene(async () => proven);
  for (const seq of [1, 2, 3]) receipts.add(envelope(seq));
  expect(asked).not.toHaveBeenCalled();
  receipts.advance("1-2");
  await vi.advanceTimersByTimeAsync(0);
  expect(logged).toEqual(["1-2", "1-1"]);
});

it("asks again by itself when a witness is late and no other checkpoint comes", async () => {
  let late = 3;
  const { receipts, asked, logged } = scene(async () => {
    if (late-- > 0) throw notYet();
    return proven;
  });
  receipts.add(envelope(1));
  receipts.advance("1-1");
  await vi.advanceTimersByTimeAsync(7_000);
  expect(logged).toEqual(["1-1"]);
  expect(asked).toHaveBeenCalledTimes(4);
});

it("asks less and less often for what cannot be proven, at once for what is new, and never after the end", async () => {
  const { receipts, asked } = scene(async () => undefined);
  receipts.add(envelope(1));
  receipts.advance("1-1");
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked.mock.calls.length).toBeLessThan(30);
  asked.mockClear();
  receipts.add(envelope(2));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toHaveBeenCalledTimes(2);
  receipts.stop();
  asked.mockClear();
  receipts.advance("1-2");
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked).not.toHaveBeenCalled();
});
