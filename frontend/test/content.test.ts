import { describe, expect, it } from "vitest";
import { type Content, contentOf, fieldsOf, isEmoji } from "../src/core/crypto/content";

const target = "01890a5d-ac96-774b-bcce-b302099a8057:01890a5d-ac96-774b-bcce-b302099a8058";

describe("content", () => {
  it.each<Content>([
    { kind: "text", text: "hi", mentions: [] },
    { kind: "text", text: "hi @ann", mentions: ["ann"], reply: target },
    { kind: "edit", target, text: "better", mentions: ["ben"] },
    { kind: "delete", target },
    { kind: "react", target, emoji: "👍", off: false },
    { kind: "react", target, emoji: "👩‍👩‍👧", off: true },
  ])("comes back as it was written: %o", (content) => {
    expect(contentOf(JSON.parse(JSON.stringify(fieldsOf(content))) as Record<string, unknown>)).toEqual(content);
  });

  it("writes a plain text as version 1 always did", () => {
    expect(fieldsOf({ kind: "text", text: "hi", mentions: [] })).toEqual({ t: "text", b: "hi" });
  });

  it("does not guess what a later version means", () => {
    expect(contentOf({ t: "poll", b: "?" })).toBeUndefined();
    expect(contentOf({ t: "edit", b: "no target" })).toBeUndefined();
    expect(contentOf({ t: "delete", b: "", re: "somewhere" })).toBeUndefined();
    expect(contentOf({ t: "text", b: 7 })).toBeUndefined();
  });

  it("takes a picture as a reaction, and no sentence", () => {
    expect(["👍", "❤️", "🇨🇭", "👩‍👩‍👧"].every(isEmoji)).toBe(true);
    expect(["", "a", "I agree 👍", "👍 yes", "👍".repeat(40)].some(isEmoji)).toBe(false);
    expect(contentOf({ t: "react", b: "approved by the board", re: target })).toBeUndefined();
  });
});
