import { expect, it } from "vitest";
import { strengthOf } from "../src/features/auth/strength";

it.each([
  ["password123", 0],
  ["Summer2026!", 0],
  ["alice2026alice", 0],
  ["aaaaaaaaaaaaaaaa", 0],
  ["hunter2 is bad", 1],
  ["tractor violet", 0],
  ["gT7kLq92xVbn", 3],
  ["correct horse battery staple", 3],
  ["violet tractor under 94 lamps", 3],
  ["violet tractor under 94 lamps beside moss", 4],
])("rates “%s” %i of 4", (password, score) => {
  expect(strengthOf(password, "alice").score).toBe(score);
});
