import type { QueryClient } from "@tanstack/react-query";
import { create } from "zustand";
import type {
  AuthState,
  CoreState,
  PresenceEntry,
  Push,
  TimelineChange,
  TimelineItem,
  TimelineStatus,
  Unread,
} from "../core/model";
import { core, onPush, onReplaced } from "./core-client";
import { forgetDrafts, keepDrafts } from "./drafts";
import { noteOpen } from "./opening";
import { usePrefs } from "./prefs";
import { withChanges } from "./timeline-order";
import { forgetAllFiles, noteTransfer } from "./uploads";

/** A room's messages as this tab holds them, in display order. */
export interface TimelineView {
  items: TimelineItem[];
  hasOlder: boolean;
  status: TimelineStatus;
}

interface Store {
  core: CoreState | undefined;
  timelines: Record<string, TimelineView>;
  presence: Record<string, PresenceEntry>;
  /** Who writes in which room, by account, and until when this is shown. */
  typing: Record<string, Record<string, { name: string; until: number }>>;
  unread: Record<string, Unread>;
}

const TYPING_MS = 6_000;
const NOTICE_SPREAD_MS = 300;
const MEMBERS_SPREAD_MS = 4_000;

export const useCore = create<Store>(() => ({
  core: undefined,
  timelines: {},
  presence: {},
  typing: {},
  unread: {},
}));

/** Starts listening to the core; server state that a push makes stale is read again. */
export async function startCore(queries: QueryClient, mayRestore: () => boolean): Promise<void> {
  onPush((push) => apply(push, queries));
  const kick = (immediately: boolean) => () => {
    if (document.visibilityState === "visible") void core.wake(immediately);
  };
  addEventListener("online", kick(false));
  document.addEventListener("visibilitychange", kick(false));
  addEventListener("pagehide", keepDrafts);
  const begin = () => {
    void core.start(mayRestore());
    return look(queries);
  };
  onReplaced(() => {
    // The next core knows nothing of what this tab shows: it is all asked for again.
    const { core: known } = useCore.getState();
    if (known) setState({ ...known, auth: { phase: "starting" } }, queries);
    void begin();
  });
  await begin();
}

async function look(queries: QueryClient): Promise<void> {
  const { state, presence, unread } = await core.watch();
  setPresence(presence);
  useCore.setState({ unread });
  setState(state, queries);
}

function apply(push: Push, queries: QueryClient): void {
  switch (push.push) {
    case "state":
      return setState(push.state, queries);
    case "timeline":
      return setTimeline(push.change);
    case "presence":
      return setPresence(push.entries);
    case "typing":
      return setTyping(push.roomId, push.userId, push.username);
    case "transfer":
      return noteTransfer(push.id, push.done, push.total);
    case "unread":
      return useCore.setState(({ unread }) => ({ unread: { ...unread, [push.roomId]: push.unread } }));
    case "room":
      return readAgainSoon(push.roomId, push.change, queries);
  }
}

function setState(state: CoreState, queries: QueryClient): void {
  const before = useCore.getState().core?.auth.phase;
  if (state.keyChanges !== useCore.getState().core?.keyChanges)
    void queries.invalidateQueries({ queryKey: ["person"] });
  useCore.setState({ core: state });
  if (state.auth.phase !== "starting" && state.auth.phase !== "unreachable") noteOpen(state.auth.phase === "ready");
  // What Redis holds may be lost: a device that shall not be seen says so at each visit.
  if (before !== "ready" && state.auth.phase === "ready" && !usePrefs.getState().presence)
    void core.showPresence(false).catch(() => undefined);
  forgetOthersDrafts(state.auth, before === "ready");
  const closed = state.auth.phase === "locked" || state.auth.phase === "signed_out";
  if ((before === "ready" && state.auth.phase !== "ready") || (closed && before !== state.auth.phase)) {
    // Nothing decrypted outlives the keys, and nothing asked for outlives the account.
    useCore.setState({ timelines: {}, presence: {}, typing: {}, unread: {} });
    forgetAllFiles();
    queries.clear();
  }
}

let draftsOf: string | undefined;

/** A text that no core has kept yet waits for the next core of the same account, and for nobody else. */
function forgetOthersDrafts(auth: AuthState, wasReady: boolean): void {
  const isOther = auth.phase === "ready" && auth.account.userId !== draftsOf;
  if (auth.phase === "ready") draftsOf = auth.account.userId;
  if (isOther || auth.phase === "signed_out" || (wasReady && auth.phase === "locked")) forgetDrafts();
}

function setTimeline({ roomId, reset, upserts, removed, hasOlder, status }: TimelineChange): void {
  useCore.setState(({ timelines }) => {
    const items = withChanges(reset ? [] : (timelines[roomId]?.items ?? []), upserts, removed);
    return { timelines: { ...timelines, [roomId]: { items, hasOlder, status } } };
  });
}

function setPresence(entries: PresenceEntry[]): void {
  useCore.setState(({ presence }) => ({
    presence: { ...presence, ...Object.fromEntries(entries.map((entry) => [entry.userId, entry])) },
  }));
}

function setTyping(roomId: string, userId: string, name: string): void {
  const until = Date.now() + TYPING_MS;
  useCore.setState(({ typing }) => ({
    typing: { ...typing, [roomId]: { ...typing[roomId], [userId]: { name, until } } },
  }));
}

const due = new Set<string>();

/** Many notices become one reading; who comes and goes is worth less haste, because a whole room hears of it at once. */
function readAgainSoon(roomId: string, change: string, queries: QueryClient): void {
  const spreadMs = change === "members" ? MEMBERS_SPREAD_MS : NOTICE_SPREAD_MS;
  const key = `${roomId}:${spreadMs}`;
  if (due.has(key)) return;
  due.add(key);
  setTimeout(() => {
    due.delete(key);
    void queries.invalidateQueries({ queryKey: ["rooms"] });
    void queries.invalidateQueries({ queryKey: ["room", roomId] });
  }, Math.random() * spreadMs);
}
