import { expect, it } from "vitest";
import "./fake-rest";

const { comparisonWords } = await import("../src/core/words");

const [ann, ben, eve] = ["a1", "b2", "e5"].map((pair) => pair.repeat(32)) as [string, string, string];

it("gives two people the same words, and others for another key", async () => {
  const words = await comparisonWords(ann, ben);
  expect(words).toHaveLength(8);
  expect(words.every((word) => /^[bdfghjklmnprstvz][aiou][bdfghjklmnprstvz][aiou][bdfghjklmnprstvz]$/.test(word))).toBe(
    true,
  );
  expect(await comparisonWords(ben, ann)).toEqual(words);
  expect(await comparisonWords(ann, eve)).not.toEqual(words);
});
