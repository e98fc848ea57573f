import { useEffect } from "react";
import type { TimelineItem } from "../../core/model";
import { compareIds } from "../../core/stream/events";
import { core } from "../../shared/core-client";
import { useCore } from "../../shared/core-store";

/** Looking for a moment is reading; loading is not. */
const DWELL_MS = 600;

/** Notes as read what stands at the end of a window that somebody looks at. */
export function useMarkRead(roomId: string, items: TimelineItem[], atEnd: boolean): void {
  const newest = items.findLast(({ id }) => id !== undefined)?.id;
  const readUpTo = useCore((store) => store.unread[roomId]?.readUpTo);
  useEffect(() => {
    const isNew = newest !== undefined && (readUpTo === undefined || compareIds(newest, readUpTo) > 0);
    if (!isNew || !atEnd) return undefined;
    const mark = () => {
      if (document.visibilityState === "visible") void core.markRead(roomId, newest).catch(() => undefined);
    };
    const timer = setTimeout(mark, DWELL_MS);
    document.addEventListener("visibilitychange", mark);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", mark);
    };
  }, [roomId, newest, readUpTo, atEnd]);
}
