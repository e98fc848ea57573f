import type { TimelineItem } from "../../core/model";
import { compareIds } from "../../core/stream/events";

/** Where what one has not read begins. */
export interface FirstNew {
  /** What was read when the visit began. */
  since: string;
  key: string | undefined;
  /** Whether nothing older can be new: else the first one is not loaded yet. */
  certain: boolean;
}

type Item = Pick<TimelineItem, "key" | "id" | "mine">;

export function firstNewOf(items: Item[], since: string, hasOlder: boolean): FirstNew {
  const isAfter = ({ id }: Item) => id !== undefined && compareIds(id, since) > 0;
  const oldest = items.find(({ id }) => id !== undefined);
  return {
    since,
    key: items.find((item) => !item.mine && isAfter(item))?.key,
    certain: !hasOlder || oldest === undefined || !isAfter(oldest),
  };
}

/** The id that the message after this one has at least. */
export function idAfter(id: string): string {
  const [epoch = "0", sequence = "0"] = id.split("-");
  return `${epoch}-${Number(sequence) + 1}`;
}
