import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { useState } from "react";
import type { Me } from "../core/model";
import { AccessesDialog } from "../features/accesses/accesses-dialog";
import { CreateRoom } from "../features/rooms/create-room";
import { roomsQuery } from "../features/rooms/queries";
import { Sidebar } from "../features/rooms/sidebar";
import { SearchDialog } from "../features/search/search-dialog";
import { SessionsDialog } from "../features/sessions/sessions-dialog";
import { AccountBar } from "../features/shell/account-bar";
import { Shortcuts } from "../features/shell/shortcuts";
import { useCommands } from "./commands";
import { useHotkeys } from "./hotkeys";

/** Rooms beside the room; on a narrow screen one of the two. */
export function Shell({ me, atRoot }: { me: Me; atRoot: boolean }) {
  const [sessions, setSessions] = useState(false);
  const [accesses, setAccesses] = useState(false);
  const [searching, setSearching] = useState(false);
  const [helping, setHelping] = useState(false);
  const [creating, setCreating] = useState(false);
  const commands = useCommands({
    onCreate: () => setCreating(true),
    onSessions: () => setSessions(true),
    onHelp: () => setHelping(true),
  });
  const { data: rooms = [] } = useQuery(roomsQuery);
  useHotkeys(rooms, { onSearch: () => setSearching(true), onHelp: () => setHelping(true) });
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
      <SearchDialog rooms={rooms} commands={commands} open={searching} onClose={() => setSearching(false)} />
      <CreateRoom open={creating} onClose={() => setCreating(false)} />
      <Shortcuts open={helping} onClose={() => setHelping(false)} />
      <AccessesDialog open={accesses} onClose={() => setAccesses(false)} />
      <SessionsDialog open={sessions} onClose={() => setSessions(false)} />
    </div>
  );
}
