import { describe, expect, it } from "vitest";
import { firstNewOf, idAfter } from "../src/features/timeline/first-new";

const item = (sequence: number, mine = false) => ({ key: `k${sequence}`, id: `2-${sequence}`, mine });
const waiting = { key: "waiting", mine: true };

describe("where what one has not read begins", () => {
  it("is the first message of others after what was read", () => {
    const items = [item(3), item(4), item(5, true), item(6), item(7), waiting];
    expect(firstNewOf(items, "2-4", true)).toEqual({ since: "2-4", key: "k6", certain: true });
    expect(firstNewOf(items, "2-7", true)).toEqual({ since: "2-7", key: undefined, certain: true });
  });

  it("is not known while all that is loaded is new and there is more", () => {
    const items = [item(3), item(4)];
    expect(firstNewOf(items, "2-1", true)).toMatchObject({ key: "k3", certain: false });
    expect(firstNewOf(items, "2-1", false)).toMatchObject({ key: "k3", certain: true });
    expect(firstNewOf([item(2), ...items], "2-2", true)).toMatchObject({ key: "k3", certain: true });
    // The stream began anew since: everything is later than what was read.
    expect(firstNewOf(items, "1-900", true).certain).toBe(false);
  });

  it("is nowhere in an empty room, nor in what only waits to be sent", () => {
    expect(firstNewOf([], "2-1", true)).toMatchObject({ key: undefined, certain: true });
    expect(firstNewOf([waiting], "2-1", false)).toMatchObject({ key: undefined, certain: true });
  });

  it("lies behind the id of what was read", () => expect(idAfter("12-34")).toBe("12-35"));
});
