import type { RecoveryHealth } from "../../core/model";

const DAY_MS = 86_400_000;
/** A week after the first time, when a lost note can still be written again; then every quarter. */
const SOON_DAYS = 7;
const LATER_DAYS = 90;

export const SNOOZE_MS = 7 * DAY_MS;

/** Whether it is time to ask for the recovery key again. A device that never saw it does not ask. */
export function isRecoveryDue({ checkedAt, checks }: RecoveryHealth, askedUntil: number, now: number): boolean {
  if (checkedAt === undefined || now < askedUntil) return false;
  return now - checkedAt > (checks <= 1 ? SOON_DAYS : LATER_DAYS) * DAY_MS;
}
