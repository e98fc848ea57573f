import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readCommonPasswords } from "../src/features/auth/common";
import { strengthOf } from "../src/features/auth/strength";

it.each([
  ["password123", 0],
  ["Summer2026!", 0],
  ["alice2026alice", 0],
  ["aaaaaaaaaaaaaaaa", 0],
  ["hunter2 is bad", 1],
  ["tractor violet", 0],
  // Hard to guess and too short: it is all that guards the key.
  ["gT7kLq92xVbn", 1],
  ["gT7kLq92xVbn4pQ", 3],
  ["correct horse battery staple", 3],
  ["violet tractor under 94 lamps", 3],
  ["violet tractor under 94 lamps beside moss", 4],
])("rates “%s” %i of 4", (password, score) => {
  expect(strengthOf(password, "alice").score).toBe(score);
});

it.each(["1qaz2wsx3edc4rfv", "Password iloveyou", "mailcreated5240", "q1w2e3r4t5y6u7i8o9p0"])(
  "knows that “%s” was stolen before",
  async (password) => {
    await readCommonPasswords();
    expect(strengthOf(password, "alice").score).toBeLessThan(2);
    expect(strengthOf("correct horse battery staple", "alice").score).toBe(3);
  },
);

it("has the list that the command line has", () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
  const list = read("../src/features/auth/common-passwords.txt");
  expect(list).toBe(read("../../crates/client/src/common-passwords.txt"));
  expect(list.split("\n").length).toBeGreaterThan(15_000);
});
