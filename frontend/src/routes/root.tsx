import { useQuery } from "@tanstack/react-query";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { useState } from "react";
import type { Me } from "../core/model";
import { AuthFrame } from "../features/auth/auth-frame";
import { SignIn } from "../features/auth/sign-in";
import { CreateRoom } from "../features/rooms/create-room";
import { roomsQuery } from "../features/rooms/queries";
import { Sidebar } from "../features/rooms/sidebar";
import { SearchDialog } from "../features/search/search-dialog";
import { SessionsDialog } from "../features/sessions/sessions-dialog";
import { AccountBar } from "../features/shell/account-bar";
import { Shortcuts } from "../features/shell/shortcuts";
import { core } from "../shared/core-client";
import { useCore } from "../shared/core-store";
import { t } from "../shared/i18n";
import { useCommands } from "./commands";
import { useHotkeys } from "./hotkeys";
import { Button, Spinner } from "../ui/button";
import { Centered } from "../ui/centered";

/** Screens that need no open keys. */
const OPEN_PATHS = new Set(["/register", "/join"]);

/** What stands on the page depends on the keys first and on the address second. */
export function Root() {
  const auth = useCore((store) => store.core?.auth);
  const path = useRouterState({ select: (state) => state.location.pathname });
  if (!auth || auth.phase === "starting") {
    return (
      <main className="flex min-h-full">
        <Centered>
          <Spinner />
          <span className="sr-only">{t("Starting")}</span>
        </Centered>
      </main>
    );
  }
  if (auth.phase === "unreachable") {
    return (
      <AuthFrame title={t("The server cannot be reached")} lead={t(auth.message)}>
        <Button variant="primary" onClick={() => void core.start(true)}>
          {t("Try again")}
        </Button>
      </AuthFrame>
    );
  }
  if (path === "/join" || (OPEN_PATHS.has(path) && auth.phase !== "ready")) return <Outlet />;
  if (auth.phase === "locked") return <SignIn key="locked" lockedAs={auth.username} why={auth.why} />;
  if (auth.phase === "signed_out") return <SignIn key="signed-out" notice={auth.notice} />;
  return <Shell me={auth.account} atRoot={path === "/"} />;
}

/** Rooms beside the room; on a narrow screen one of the two. */
function Shell({ me, atRoot }: { me: Me; atRoot: boolean }) {
  const [sessions, setSessions] = useState(false);
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
          footer={<AccountBar me={me} onSessions={() => setSessions(true)} onShortcuts={() => setHelping(true)} />}
        />
      </div>
      <main className={`h-full min-w-0 grow md:flex ${atRoot ? "hidden" : "flex"}`}>
        <Outlet />
      </main>
      <SearchDialog rooms={rooms} commands={commands} open={searching} onClose={() => setSearching(false)} />
      <CreateRoom open={creating} onClose={() => setCreating(false)} />
      <Shortcuts open={helping} onClose={() => setHelping(false)} />
      <SessionsDialog open={sessions} onClose={() => setSessions(false)} />
    </div>
  );
}
