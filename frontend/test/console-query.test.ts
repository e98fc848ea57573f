import { describe, expect, it } from "vitest";
import { parameters, parseQuery, problemOf, queryText } from "../src/console/query";

const ROOM = "01890a5d-ac96-774b-bcce-b302099a8057";

describe("a query of the console", () => {
  it("stands whole in the URL", () => {
    const query = { room: ROOM, from: "2026-11-24T08:00Z", after: "1-4711", order: "oldest_first" as const };
    expect(parseQuery(queryText(query))).toEqual(query);
    expect(queryText({ order: "newest_first" })).toBe("");
    expect(parseQuery("")).toEqual({ order: "newest_first" });
  });

  it("takes nothing over from a URL that nobody could have asked for", () => {
    expect(parseQuery("?room=lobby&from=yesterday&after=x&order=random&extra=1")).toEqual({ order: "newest_first" });
  });

  it("says why a value is not one", () => {
    expect(problemOf("room", "lobby")).toBeDefined();
    expect(problemOf("from", "soon")).toBeDefined();
    expect(problemOf("before", "4711")).toBeDefined();
    expect(problemOf("sender", ROOM)).toBeUndefined();
    expect(problemOf("to", "2026-11-24")).toBeUndefined();
  });

  it("asks in the names and times of the interface", () => {
    expect(parameters({ room: ROOM, to: "2026-11-24T08:00Z", order: "newest_first" })).toEqual({
      room_id: ROOM,
      to: "2026-11-24T08:00:00.000Z",
      order: "newest_first",
    });
  });
});
