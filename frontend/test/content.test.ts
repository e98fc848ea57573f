import { describe, expect, it } from "vitest";
import { type Content, contentOf, fieldsOf, isEmoji } from "../src/core/crypto/content";

const target = "01890a5d-ac96-774b-bcce-b302099a8057:01890a5d-ac96-774b-bcce-b302099a8058";

const b64 = (fill: number): string => Buffer.alloc(32, fill).toString("base64");
const file = {
  id: "01890a5d-ac96-774b-bcce-b302099a8057",
  name: "Offer.pdf",
  type: "application/pdf",
  size: 300_000,
  key: b64(1),
  sum: b64(2),
};

describe("content", () => {
  it.each<Content>([
    { kind: "text", text: "hi", mentions: [] },
    { kind: "text", text: "hi @ann", mentions: ["ann"], reply: target },
    { kind: "text", text: "", mentions: [], files: [file] },
    { kind: "text", text: "see", mentions: [], files: [{ ...file, w: 640, h: 480 }, file] },
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

  it("leaves out files that could not be opened, and what is no name in a name", () => {
    const read = (files: unknown) => {
      const content = contentOf({ t: "text", b: "", files });
      return content?.kind === "text" ? content.files : [];
    };
    for (const wrong of [
      { key: "short" },
      { sum: 7 },
      { id: "../../x" },
      { size: -1 },
      { size: 26_214_401 },
      { size: 1.5 },
    ]) {
      expect(read([{ ...file, ...wrong }])).toBeUndefined();
    }
    expect(read("all of them")).toBeUndefined();
    expect(read(Array.from({ length: 40 }, () => file))).toHaveLength(10);
    expect(read([{ ...file, name: "..\\..\\etc/pass\u202egnp.exe", type: "a b", w: -1, h: 5 }])).toEqual([
      { ...file, name: "....etcpassgnp.exe", type: "application/octet-stream" },
    ]);
    expect(read([{ ...file, name: "\u0000/" }])).toEqual([{ ...file, name: "file" }]);
  });

  it("takes a picture as a reaction, and no sentence", () => {
    expect(["👍", "❤️", "🇨🇭", "👩‍👩‍👧"].every(isEmoji)).toBe(true);
    expect(["", "a", "I agree 👍", "👍 yes", "👍".repeat(40)].some(isEmoji)).toBe(false);
    expect(contentOf({ t: "react", b: "approved by the board", re: target })).toBeUndefined();
  });
});
