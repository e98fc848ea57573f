const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const DAY_MS = 86_400_000;

export const timeOf = (at: number): string => TIME.format(at);
export const fullTimeOf = (at: number): string => FULL.format(at);
export const isSameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();

/** “Today”, “Yesterday”, or the date. */
export function dayOf(at: number): string {
  const days = Math.round((new Date(at).setHours(12, 0, 0, 0) - new Date().setHours(12, 0, 0, 0)) / DAY_MS);
  const text = days >= -1 && days <= 0 ? RELATIVE.format(days, "day") : DAY.format(at);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** “3 minutes ago” */
export function agoOf(at: number): string {
  const minutes = Math.round((at - Date.now()) / 60_000);
  if (minutes > -60) return RELATIVE.format(Math.min(0, minutes), "minute");
  if (minutes > -1_440) return RELATIVE.format(Math.round(minutes / 60), "hour");
  return RELATIVE.format(Math.round(minutes / 1_440), "day");
}

/** A fingerprint in groups that two people can compare aloud. */
export const fingerprintOf = (hex: string): string => (hex.match(/.{4}/g) ?? []).join(" ");

/** “Ann”, “Ann and Ben”, “Ann, Ben and 3 others” */
export function namesOf(names: string[]): string {
  if (names.length <= 2) return names.join(" and ");
  const others = names.length - 2;
  return `${names.slice(0, 2).join(", ")} and ${others} ${others === 1 ? "other" : "others"}`;
}
