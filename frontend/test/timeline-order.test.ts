import { describe, expect, it } from "vitest";
import type { TimelineItem } from "../src/core/model";
import { displayOrder, withChanges } from "../src/shared/timeline-order";

const item = (key: string, seq: number | undefined, at = seq ?? 0): TimelineItem => ({
  key,
  ...(seq === undefined ? {} : { id: `1-${seq}` }),
  sender: "",
  senderName: "",
  at,
  mine: false,
  body: { kind: "text", text: key, mentions: [] },
});

/** The same as it would be put together without any shortcut. */
function plainly(rows: TimelineItem[], upserts: TimelineItem[], removed: string[]): TimelineItem[] {
  const byKey = new Map([...rows, ...upserts].map((one) => [one.key, one]));
  for (const key of removed) byKey.delete(key);
  return [...byKey.values()].toSorted(displayOrder);
}

describe("the rows of a timeline", () => {
  it("stay in order through anything that may come", () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    let rows: TimelineItem[] = [];
    for (let turn = 0; turn < 2_000; turn++) {
      const upserts = Array.from({ length: random(4) }, () => {
        const number = random(200);
        // One key has one sequence at most; some wait for theirs, and get it.
        return random(5) === 0 ? item(`k${number}`, undefined, random(50)) : item(`k${number}`, number);
      });
      const keys = new Set<string>();
      const once = upserts.filter(({ key }) => !keys.has(key) && keys.add(key));
      const removed = random(3) === 0 ? [`k${random(200)}`] : [];
      const next = withChanges(rows, once, removed);
      expect(next).toEqual(plainly(rows, once, removed));
      rows = next;
    }
    expect(rows.length).toBeGreaterThan(50);
  });

  it("keep what did not change as it is", () => {
    const rows = [item("a", 1), item("b", 2), item("c", undefined, 9)];
    const edited = { ...item("b", 2), body: { kind: "deleted" as const } };
    const next = withChanges(rows, [edited, item("d", 3)], ["x"]);
    expect(next.map(({ key }) => key)).toEqual(["a", "b", "d", "c"]);
    expect(next[0]).toBe(rows[0]);
    expect(next[1]).toBe(edited);
    expect(withChanges(next, [item("c", 4)], []).map(({ key }) => key)).toEqual(["a", "b", "d", "c"]);
  });
});
