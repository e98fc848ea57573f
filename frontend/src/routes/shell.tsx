import { useQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { Me } from "../core/model";
import { roomsQuery } from "../features/rooms/queries";
import { Sidebar } from "../features/rooms/sidebar";
import { AccountBar } from "../features/shell/account-bar";
import { t } from "../shared/i18n";
import { whenSettled } from "../shared/when-settled";
import { late } from "../ui/late";
import { preloadMenus } from "../ui/menu";
import { useCommands } from "./commands";
import { useHotkeys } from "./hotkeys";

const SearchDialog = late(async () => (await import("../features/search/search-dialog")).SearchDialog);
const CreateRoom = late(async () => (await import("../features/rooms/create-room")).CreateRoom);
const Shortcuts = late(async () => (await import("../features/shell/shortcuts")).Shortcuts);
const AccessesDialog = late(async () => (await import("../features/accesses/accesses-dialog")).AccessesDialog);
const SessionsDialog = late(async () => (await import("../features/sessions/sessions-dialog")).SessionsDialog);

/** What one is likely to press next: whoever presses Ctrl+K types on at once, and a menu opens with the first key. */
const NEXT = [
  preloadMenus,
  SearchDialog.preload,
  () => import("../features/members/members-panel"),
  () => import("../features/rooms/about-room"),
];

const MAIN = "main";

/** Rooms beside the room; on a narrow screen one of the two. */
export function Shell({ me, atRoot }: { me: Me; atRoot: boolean }) {
  // Undefined until the dialog is first asked for; from then on it stays, closed.
  const [sessions, setSessions] = useState<boolean>();
  const [accesses, setAccesses] = useState<boolean>();
  const [searching, setSearching] = useState<boolean>();
  const [helping, setHelping] = useState<boolean>();
  const [creating, setCreating] = useState<boolean>();
  const commands = useCommands({
    onCreate: () => setCreating(true),
    onSessions: () => setSessions(true),
    onHelp: () => setHelping(true),
  });
  const { data: rooms = [] } = useQuery(roomsQuery);
  useHotkeys(rooms, { onSearch: () => setSearching(true), onHelp: () => setHelping(true) });
  const main = useRef<HTMLElement>(null);
  useEffect(() => whenSettled(NEXT), []);
  return (
    <div className="flex h-full">
      {!atRoot && <SkipLink to={main} />}
      <div className={`h-full w-full border-e border-line md:block md:w-72 md:shrink-0 ${atRoot ? "" : "hidden"}`}>
        <Sidebar
          onSearch={() => setSearching(true)}
          onCreate={() => setCreating(true)}
          footer={
            <AccountBar
              me={me}
              onSessions={() => setSessions(true)}
              onAccesses={() => setAccesses(true)}
              onShortcuts={() => setHelping(true)}
            />
          }
        />
      </div>
      <main
        ref={main}
        id={MAIN}
        tabIndex={-1}
        className={`h-full min-w-0 grow outline-none md:flex ${atRoot ? "hidden" : "flex"}`}
      >
        <Outlet />
      </main>
      {searching !== undefined && (
        <SearchDialog rooms={rooms} commands={commands} open={searching} onClose={() => setSearching(false)} />
      )}
      {creating !== undefined && <CreateRoom open={creating} onClose={() => setCreating(false)} />}
      {helping !== undefined && <Shortcuts open={helping} onClose={() => setHelping(false)} />}
      {accesses !== undefined && <AccessesDialog open={accesses} onClose={() => setAccesses(false)} />}
      {sessions !== undefined && <SessionsDialog open={sessions} onClose={() => setSessions(false)} />}
    </div>
  );
}

/** The first thing that the keyboard comes to: past the rooms to what was written. */
function SkipLink({ to }: { to: RefObject<HTMLElement | null> }) {
  const { roomId } = useParams({ strict: false });
  return (
    <a
      href={`#${MAIN}`}
      className="sr-only focus:not-sr-only focus:fixed focus:start-3 focus:top-3 focus:z-30 focus:rounded-xl focus:border focus:border-line focus:bg-surface focus:px-4 focus:py-2 focus:font-medium focus:shadow-md"
      onClick={(event) => {
        // The address names the room, or a message in it, and stays as it is.
        event.preventDefault();
        (to.current?.querySelector<HTMLElement>("[role=log]") ?? to.current)?.focus();
      }}
    >
      {roomId === undefined ? t("Skip to the page") : t("Skip to messages")}
    </a>
  );
}
