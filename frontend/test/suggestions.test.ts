import { describe, expect, it } from "vitest";
import { beforeWord, suggestionsFor } from "../src/shared/suggestions";

const MEMBERS = ["ann", "anna", "ben", "berta", "bodo", "bob", "bea", "babs", "bine"];
const names = (text: string) => suggestionsFor(text, MEMBERS).map(({ name }) => name);

describe("what a word may become", () => {
  it("is a member whose name begins so, and nobody who is named in full already", () => {
    expect(names("hello @an")).toEqual(["ann", "anna"]);
    // Enter sends it to ann, and not to anna.
    expect(names("hello @ann")).toEqual([]);
    expect(names("hello @anna")).toEqual([]);
    expect(names("@BE")).toEqual(["ben", "berta", "bea"]);
    expect(names("to @")).toHaveLength(6);
    expect(names("@zoe")).toEqual([]);
  });

  it("is nobody in an address, and nobody once the word has ended", () => {
    for (const text of ["mail ann@an", "@an ", "", "an"]) expect(names(text)).toEqual([]);
  });

  it("stands in the word's place, and leaves the rest as it is", () => {
    expect(suggestionsFor("first\n@be", MEMBERS)[0]?.text).toBe("first\n@ben ");
    expect(suggestionsFor("well done :tad", MEMBERS)).toEqual([{ name: "tada", emoji: "🎉", text: "well done 🎉 " }]);
    expect(suggestionsFor(":heart_e", [])[0]).toMatchObject({ name: "heart eyes", emoji: "😍" });
  });

  it("is of the same word while what stands before it is the same", () => {
    expect(beforeWord("hello @a")).toBe(beforeWord("hello @ann"));
    expect(beforeWord("hello @ann ")).not.toBe(beforeWord("hello @ann"));
  });
});
