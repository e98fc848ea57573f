import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client";
import { AccessLog } from "./access-log";
import { Cases } from "./cases";
import type { LoadedKey } from "./disclosure-client";
import { Health } from "./health";
import { KeyPanel } from "./key-panel";
import { Messages } from "./messages";

const VIEWS = { cases: "Cases", messages: "Messages", access: "My access log", health: "Health of the log" } as const;
type View = keyof typeof VIEWS;

export function Console() {
  const session = useQuery({ queryKey: ["session"], queryFn: api.session });
  const [view, setView] = useState<View>("messages");
  const [key, setKey] = useState<LoadedKey>();
  if (session.isPending) return <p className="p-6">Loading …</p>;
  const officer = session.data;
  if (!officer || officer.role !== "auditor") {
    return (
      <main className="mx-auto max-w-xl p-6">
        <h1 className="mb-3 text-xl font-semibold">Compliance console</h1>
        <p>
          {officer ? `${officer.username} is not an auditor. ` : "Nobody is signed in. "}
          <a className="text-accent underline" href="/">
            Sign in as an auditor
          </a>
          , then come back to this page.
        </p>
      </main>
    );
  }
  return (
    <div className="mx-auto flex min-h-full max-w-6xl flex-col gap-4 p-4">
      <header className="flex flex-wrap items-center gap-x-6 gap-y-2 border-b border-line pb-3">
        <h1 className="text-xl font-semibold">Compliance console</h1>
        <nav aria-label="Views" className="flex gap-1">
          {(Object.keys(VIEWS) as View[]).map((name) => (
            <button
              key={name}
              type="button"
              aria-current={view === name ? "page" : undefined}
              className="rounded-xl px-3 py-1.5 text-muted hover:bg-sunken aria-[current=page]:bg-accent-soft aria-[current=page]:text-ink"
              onClick={() => setView(name)}
            >
              {VIEWS[name]}
            </button>
          ))}
        </nav>
        <p className="ml-auto text-sm text-muted">{officer.username}</p>
      </header>
      <main className="flex flex-col gap-4">
        {view === "messages" && (
          <>
            <KeyPanel loaded={key} onChange={setKey} />
            <Messages loadedKey={key} />
          </>
        )}
        {view === "cases" && (
          <Cases
            officer={officer.user_id}
            onUse={(caseId) => {
              history.replaceState(null, "", `${location.pathname}?case=${caseId}`);
              setView("messages");
            }}
          />
        )}
        {view === "access" && <AccessLog officer={officer.user_id} />}
        {view === "health" && <Health />}
      </main>
    </div>
  );
}
