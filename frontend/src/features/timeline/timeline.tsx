import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { core } from "../../shared/core-client";
import { type TimelineView, useCore } from "../../shared/core-store";
import { Spinner } from "../../ui/button";
import { MessageRow } from "./message-row";

const NEAR_TOP_PX = 400;
const AT_END_PX = 80;
const ROW_ESTIMATE_PX = 64;
/** Room above the first message for what is said there. */
const HEAD_PX = 88;

/** A room's messages, oldest first; only the visible ones are in the document. */
export function Timeline({ roomId, view }: { roomId: string; view: TimelineView }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const { items, hasOlder } = view;
  // oxlint-disable-next-line react/incompatible-library -- what it returns is used here only, never memoized
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_ESTIMATE_PX,
    getItemKey: (index) => items[index]?.key ?? index,
    overscan: 8,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: AT_END_PX,
    paddingStart: HEAD_PX,
    paddingEnd: 12,
  });
  const loaded = items.length > 0;

  // The window opens at its end; the virtualizer keeps it there from then on.
  useEffect(() => {
    if (loaded) virtualizer.scrollToEnd();
  }, [loaded, roomId, virtualizer]);

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    setAtEnd(virtualizer.isAtEnd(AT_END_PX));
    if (element.scrollTop < NEAR_TOP_PX && hasOlder) void core.loadOlder(roomId).catch(() => undefined);
  };

  return (
    <div className="relative min-h-0 grow">
      <div
        ref={scroller}
        onScroll={onScroll}
        role="log"
        aria-label="Messages"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling area must be reachable by keyboard
        tabIndex={0}
        className="thin-scroll h-full overflow-y-auto focus-visible:outline-offset-[-2px]"
      >
        <div className="flex min-h-full flex-col justify-end">
          <div className="relative w-full" style={{ height: virtualizer.getTotalSize() }}>
            <div className="absolute top-0 left-0 flex w-full items-end justify-center" style={{ height: HEAD_PX }}>
              {hasOlder ? <LoadingOlder /> : <RoomStart />}
            </div>
            {virtualizer.getVirtualItems().map((row) => {
              const item = items[row.index];
              if (!item) return null;
              return (
                <div
                  key={row.key}
                  ref={virtualizer.measureElement}
                  data-index={row.index}
                  className="absolute top-0 left-0 w-full"
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <MessageRow roomId={roomId} item={item} previous={items[row.index - 1]} />
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {!atEnd && loaded && (
        <button
          type="button"
          onClick={() => virtualizer.scrollToEnd()}
          aria-label="Go to the newest message"
          className="absolute right-5 bottom-4 rounded-full border border-line bg-surface p-2.5 shadow-md hover:bg-sunken"
        >
          <ArrowDown className="size-4" aria-hidden="true" />
        </button>
      )}
    </div>
  );
}

function LoadingOlder() {
  return (
    <p className="py-3 text-muted" role="status">
      <Spinner />
      <span className="sr-only">Older messages are loaded when you scroll up</span>
    </p>
  );
}

function RoomStart() {
  const compliance = useCore((store) => store.core?.compliance.state);
  return (
    <p className="max-w-md px-6 pb-1 text-center text-sm text-muted">
      Messages here are end-to-end encrypted
      {compliance === "pinned" ? " to this room’s members and to your organisation’s compliance key." : "."}
    </p>
  );
}
