import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp, MessageCircleDashed } from "lucide-react";
import { type KeyboardEvent, useEffect, useEffectEvent, useRef, useState } from "react";
import { jumpTo, useJump } from "../../shared/composing";
import { core } from "../../shared/core-client";
import { type TimelineView, useCore } from "../../shared/core-store";
import { dayOf, isSameDay } from "../../shared/format";
import { t } from "../../shared/i18n";
import { Spinner } from "../../ui/button";
import { type FirstNew, firstNewOf, idAfter } from "./first-new";
import { MessageRow } from "./message-row";
import { Overlays } from "./overlays";
import { useMarkRead } from "./use-mark-read";

/** Older messages are asked for while the first of those that are here is still far above what one sees. */
const NEAR_TOP_PX = 1_200;
const AT_END_PX = 80;
const ROW_ESTIMATE_PX = 64;
const MARK_MS = 2_500;
/** Room above the first message for what is said there. */
const HEAD_PX = 88;

interface Props {
  roomId: string;
  view: TimelineView;
  canWrite: boolean;
  /** The message that the address names. */
  wanted: string | undefined;
}

/** A room's messages, oldest first; only the visible ones are in the document. */
export function Timeline({ roomId, view, canWrite, wanted }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const { items, hasOlder } = view;
  // oxlint-disable-next-line react/incompatible-library -- what it returns is used here only, never memoized
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_ESTIMATE_PX,
    getItemKey: (index) => items[index]?.key ?? index,
    // Near its end, where the window opens: rows at its beginning would be drawn for nothing.
    initialOffset: () => Math.max(0, HEAD_PX + items.length * ROW_ESTIMATE_PX - innerHeight),
    overscan: 8,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: AT_END_PX,
    paddingStart: HEAD_PX,
    paddingEnd: 12,
  });
  // Whatever changes its height above the upper edge moves nothing below it, while one scrolls up, too: the row that stood first
  // loses its sender's line when older ones come in.
  virtualizer.shouldAdjustScrollPositionOnItemSizeChange = ({ start }, _, { scrollOffset }) =>
    start < (scrollOffset ?? 0);
  const loaded = items.length > 0;
  const firstNew = useFirstNew(roomId, view);
  const marked = useJumps(roomId, view, wanted, (index) => virtualizer.scrollToIndex(index, { align: "center" }));
  useMarkRead(roomId, items, atEnd);

  // The window opens at its end; the virtualizer keeps it there from then on.
  useEffect(() => {
    if (loaded) virtualizer.scrollToEnd();
  }, [loaded, roomId, virtualizer]);

  // A keyboard on the screen, or more lines where one writes, must not cover what one was reading at the end.
  const height = useRef(0);
  const keepEnd = useEffectEvent(() => {
    const element = scroller.current;
    if (!element) return;
    // A window opens at its end.
    const isNew = height.current === 0;
    const wasAtEnd = isNew || element.scrollHeight - element.scrollTop - height.current < AT_END_PX;
    height.current = element.clientHeight;
    if (wasAtEnd && loaded) virtualizer.scrollToEnd();
  });
  useEffect(() => {
    const observer = new ResizeObserver(() => keepEnd());
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);

  const newAt = firstNew?.key === undefined ? -1 : items.findIndex(({ key }) => key === firstNew.key);
  // Once it was there to be seen, nobody is sent back to it. Rows that are drawn beyond the window's edges are not.
  const [sawNew, setSawNew] = useState(false);
  const look = (element: Element) => {
    // Of the element itself: the virtualizer hears of a single jump only after this.
    setAtEnd(isAtEnd(element));
    const range = virtualizer.calculateRange();
    if (firstNew?.certain && range && newAt >= range.startIndex && newAt <= range.endIndex) setSawNew(true);
  };
  const onScroll = () => {
    const element = scroller.current;
    // What moves while the height changes was moved by nobody.
    if (!element || element.clientHeight !== height.current) return;
    look(element);
    if (element.scrollTop < NEAR_TOP_PX && hasOlder) void core.loadOlder(roomId).catch(() => undefined);
  };
  const rows = virtualizer.getVirtualItems();
  const total = virtualizer.getTotalSize();
  const firstDrawn = rows[0]?.index;
  // A jump that loads what it leads to can end without a scroll event: rows get their heights behind it.
  const lookAgain = useEffectEvent(() => scroller.current && look(scroller.current));
  useEffect(() => {
    const frame = requestAnimationFrame(() => lookAgain());
    return () => cancelAnimationFrame(frame);
  }, [total, firstDrawn]);
  const isAbove = newAt >= 0 && newAt < (virtualizer.range?.startIndex ?? 0);

  return (
    <div className="relative min-h-0 grow">
      {!loaded && !hasOlder && <Empty canWrite={canWrite} />}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrow keys go from message to message */}
      <div
        ref={scroller}
        onScroll={onScroll}
        onKeyDown={(event) => onArrow(event, items, (index) => virtualizer.scrollToIndex(index))}
        role="log"
        aria-label={t("Messages")}
        aria-live={atEnd ? "polite" : "off"}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling area must be reachable by keyboard
        tabIndex={0}
        className="thin-scroll h-full overflow-y-auto focus-visible:outline-offset-[-2px]"
      >
        <div className="flex min-h-full flex-col justify-end">
          <div className="relative w-full" style={{ height: total }}>
            <div className="absolute top-0 start-0 flex w-full items-end justify-center" style={{ height: HEAD_PX }}>
              {hasOlder ? <LoadingOlder /> : <RoomStart />}
            </div>
            {rows.map((row) => {
              const item = items[row.index];
              if (!item) return null;
              const previous = items[row.index - 1];
              return (
                <div
                  key={row.key}
                  ref={virtualizer.measureElement}
                  data-index={row.index}
                  className="absolute top-0 start-0 w-full focus-within:z-1 hover:z-1"
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <MessageRow
                    roomId={roomId}
                    item={item}
                    previous={previous}
                    day={previous && isSameDay(previous.at, item.at) ? undefined : dayOf(item.at)}
                    canWrite={canWrite}
                    firstNew={item.key === firstNew?.key}
                    marked={item.key === marked}
                  />
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {firstNew?.key !== undefined && !sawNew && (isAbove || !firstNew.certain) && (
        <button
          type="button"
          onClick={() => void toFirstNew(roomId, firstNew).catch(() => undefined)}
          className="absolute top-3 left-1/2 flex -translate-x-1/2 items-center gap-1.5 rounded-full border border-line bg-surface px-3 py-1.5 text-sm font-medium shadow-md hover:bg-sunken"
        >
          <ArrowUp className="size-4" aria-hidden="true" /> {t("First new message")}
        </button>
      )}
      <Overlays roomId={roomId} />
      {!atEnd && loaded && <ToLatest roomId={roomId} onClick={() => virtualizer.scrollToEnd()} />}
    </div>
  );
}

const isAtEnd = ({ scrollHeight, scrollTop, clientHeight }: Element) =>
  scrollHeight - scrollTop - clientHeight < AT_END_PX;

/** The first message that was new when the room was opened; it stays while the visit lasts. */
function useFirstNew(roomId: string, { items, status, hasOlder }: TimelineView): FirstNew | undefined {
  const readUpTo = useCore((store) => store.unread[roomId]?.readUpTo);
  const [found, setFound] = useState<FirstNew>();
  if (found?.certain || status.state !== "ready" || readUpTo === undefined) return found;
  const now = firstNewOf(items, found?.since ?? readUpTo, hasOlder);
  if (now.key !== found?.key || now.certain !== found?.certain) setFound(now);
  return now;
}

/** Goes to where the new ones begin, which may not be loaded yet. */
async function toFirstNew(roomId: string, { since, key, certain }: FirstNew): Promise<void> {
  const found = certain ? key : await core.jump(roomId, { id: idAfter(since) });
  if (found !== undefined) jumpTo(roomId, found);
}

/** Follows the address and the jumps that others ask for; gives the message to mark for a moment. */
function useJumps(roomId: string, view: TimelineView, wanted: string | undefined, scrollTo: (index: number) => void) {
  const jump = useJump((jumps) => jumps[roomId]);
  const [target, setTarget] = useState<{ key: string; at: number }>();
  const ready = view.status.state === "ready";
  const index = target ? view.items.findIndex(({ key }) => key === target.key) : -1;
  const scroll = useEffectEvent(() => scrollTo(index));

  useEffect(() => {
    const to = (key: string | undefined) => key !== undefined && setTarget({ key, at: Date.now() });
    if (!ready) return;
    if (jump) void core.jump(roomId, { key: jump.key }).then(to, () => undefined);
    else if (wanted) void core.jump(roomId, { id: wanted }).then(to, () => undefined);
  }, [ready, roomId, wanted, jump]);

  const found = index >= 0;
  useEffect(() => {
    if (!target || !found) return undefined;
    scroll();
    const timer = setTimeout(() => setTarget(undefined), MARK_MS);
    return () => clearTimeout(timer);
  }, [target, found]);
  return target?.key;
}

/** Up and down go from message to message, Home and End to the ends of what is loaded. */
function onArrow(
  event: KeyboardEvent<HTMLElement>,
  items: TimelineView["items"],
  scrollTo: (index: number) => void,
): void {
  const focused = (event.target as HTMLElement).closest("article");
  if (event.target !== event.currentTarget && event.target !== focused) return;
  const at = focused ? items.findIndex(({ key }) => key === focused.dataset["key"]) : items.length;
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined || !items[to]) return;
  event.preventDefault();
  scrollTo(to);
  const { currentTarget } = event;
  const key = items[to].key;
  // The row may have to be made first.
  requestAnimationFrame(() =>
    currentTarget.querySelector<HTMLElement>(`article[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true }),
  );
}

function ToLatest({ roomId, onClick }: { roomId: string; onClick: () => void }) {
  const count = useCore((store) => store.unread[roomId]?.count ?? 0);
  return (
    <button
      type="button"
      onClick={onClick}
      aria-label={count > 0 ? t("Go to the newest message, {count} new", { count }) : t("Go to the newest message")}
      className="absolute end-5 bottom-4 flex items-center gap-1.5 rounded-full border border-line bg-surface p-2.5 text-sm font-medium shadow-md hover:bg-sunken"
    >
      {count > 0 && <span className="ps-1">{t("{count} new", { count })}</span>}
      <ArrowDown className="size-4" aria-hidden="true" />
    </button>
  );
}

function Empty({ canWrite }: { canWrite: boolean }) {
  return (
    <div className="pointer-events-none absolute inset-0 flex flex-col items-center justify-center gap-2 p-6 text-center">
      <MessageCircleDashed className="size-9 text-muted" aria-hidden="true" />
      <p className="font-medium">{t("Nothing has been written here yet")}</p>
      {canWrite && (
        <p className="text-sm text-muted">{t("What you write first is the first thing that newcomers read.")}</p>
      )}
    </div>
  );
}

function LoadingOlder() {
  return (
    <p className="py-3 text-muted" role="status">
      <Spinner />
      <span className="sr-only">{t("Older messages are loaded when you scroll up")}</span>
    </p>
  );
}

function RoomStart() {
  const compliance = useCore((store) => store.core?.compliance.state);
  return (
    <p className="max-w-md px-6 pb-1 text-center text-sm text-muted">
      {compliance === "pinned"
        ? t("Messages here are end-to-end encrypted to this room’s members and to your organisation’s compliance key.")
        : t("Messages here are end-to-end encrypted.")}
    </p>
  );
}
