import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { Me } from "../core/model";
import { roomsQuery } from "../features/rooms/queries";
import { Sidebar } from "../features/rooms/sidebar";
import { AccountBar } from "../features/shell/account-bar";
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
const NEXT = [preloadMenus, SearchDialog.preload];

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
  useEffect(() => whenSettled(NEXT), []);
  return (
    <div className="flex h-full">
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
      <main className={`h-full min-w-0 grow md:flex ${atRoot ? "hidden" : "flex"}`}>
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
