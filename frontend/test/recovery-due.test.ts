import { expect, test } from "vitest";
import { isRecoveryDue } from "../src/features/auth/recovery-due";

const DAY_MS = 86_400_000;
const now = 1_000 * DAY_MS;
const ago = (days: number, checks: number) => ({ checkedAt: now - days * DAY_MS, checks });

test("the recovery key is asked for after a week, then after a quarter, and never where it was not seen", () => {
  expect(isRecoveryDue(ago(6, 1), 0, now)).toBe(false);
  expect(isRecoveryDue(ago(8, 1), 0, now)).toBe(true);
  expect(isRecoveryDue(ago(8, 2), 0, now)).toBe(false);
  expect(isRecoveryDue(ago(91, 2), 0, now)).toBe(true);
  expect(isRecoveryDue(ago(91, 2), now + 1, now)).toBe(false);
  expect(isRecoveryDue({ checkedAt: undefined, checks: 0 }, 0, now)).toBe(false);
});
