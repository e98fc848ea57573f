import type { TimelineItem } from "../core/model";
import { compareIds } from "../core/stream/events";

/** The server's order; what it does not know yet stands at the end, in the order of writing. */
export function displayOrder(a: TimelineItem, b: TimelineItem): number {
  if (a.id === undefined || b.id === undefined) {
    return Number(a.id === undefined) - Number(b.id === undefined) || a.at - b.at || a.key.localeCompare(b.key);
  }
  return compareIds(a.id, b.id);
}

/**
 * Rows in display order with some added, changed or taken out. Nearly all of thousands stay where they are, many times
 * a second: only what is new, or got its id, looks for its place.
 */
export function withChanges(rows: TimelineItem[], upserts: TimelineItem[], removed: string[]): TimelineItem[] {
  const changed = new Map(upserts.map((item) => [item.key, item]));
  const gone = new Set(removed);
  const next: TimelineItem[] = [];
  for (const row of rows) {
    if (gone.has(row.key)) continue;
    const item = changed.get(row.key);
    if (item && item.id === row.id && item.at === row.at) {
      changed.delete(row.key);
      next.push(item);
    } else if (!item) next.push(row);
  }
  const fresh = [...changed.values()].filter(({ key }) => !gone.has(key)).toSorted(displayOrder);
  const first = fresh[0];
  if (!first) return next;
  // The place of the first divides what stays from what is put together anew.
  const from = placeOf(first, next);
  return [...next.slice(0, from), ...merged(next.slice(from), fresh)];
}

/** Where an item belongs among rows in order. */
function placeOf(item: TimelineItem, rows: TimelineItem[]): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (displayOrder(rows[middle] as TimelineItem, item) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One list in order of two that are. */
function merged(one: TimelineItem[], other: TimelineItem[]): TimelineItem[] {
  const all: TimelineItem[] = [];
  let at = 0;
  for (const item of one) {
    while (at < other.length && displayOrder(other[at] as TimelineItem, item) < 0)
      all.push(other[at++] as TimelineItem);
    all.push(item);
  }
  return [...all, ...other.slice(at)];
}
