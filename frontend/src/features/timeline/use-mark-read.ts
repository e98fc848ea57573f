import { useEffect, useEffectEvent } from "react";
import type { TimelineItem } from "../../core/model";
import { compareIds } from "../../core/stream/events";
import { core } from "../../shared/core-client";
import { useCore } from "../../shared/core-store";
import { usePrefs } from "../../shared/prefs";

/** Looking for a moment is reading; loading is not. */
const DWELL_MS = 600;

/** Notes as read what stands at the end of a window that somebody looks at. */
export function useMarkRead(roomId: string, items: TimelineItem[], atEnd: boolean): void {
  const newest = items.findLast(({ id }) => id !== undefined)?.id;
  const readUpTo = useCore((store) => store.unread[roomId]?.readUpTo);
  const isNew = newest !== undefined && (readUpTo === undefined || compareIds(newest, readUpTo) > 0);
  const mark = useEffectEvent(() => {
    if (newest === undefined || document.visibilityState !== "visible") return;
    void core.markRead(roomId, newest, usePrefs.getState().shareRead).catch(() => undefined);
  });
  // A further message does not begin the wait anew: in a busy room it would never end.
  const waiting = isNew && atEnd ? `${roomId} ${readUpTo}` : undefined;
  useEffect(() => {
    if (waiting === undefined) return undefined;
    const look = () => mark();
    const timer = setTimeout(look, DWELL_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [waiting]);
}
