import { expect, test } from "vitest";
import "./fake-rest";

const { compareAddress, parseCompareCode } = await import("../src/features/members/compare-code");

const code = { userId: "01890a5d-ac96-774b-bcce-b302099a8057", words: Array.from({ length: 8 }, () => "babab") };

test("a code is an address whose fragment reads back, and nothing else does", () => {
  const address = compareAddress(code);
  expect(address).toMatch(/^https:\/\/sealcast\.example\/compare#/);
  expect(parseCompareCode(new URL(address).hash)).toEqual(code);
  for (const other of ["", "#", `#${code.userId}`, `#${code.userId}.babab-babab`, `${new URL(address).hash}-babab`])
    expect(parseCompareCode(other)).toBeUndefined();
});
