import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { MonitorSmartphone } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import type { SessionInfo } from "../../api/types";
import { agoOf } from "../../shared/format";
import { whyOf } from "../../shared/failures";
import { t } from "../../shared/i18n";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Notice } from "../../ui/notice";

const sessionsQuery = queryOptions({ queryKey: ["sessions"], queryFn: () => api.sessions(), staleTime: 0 });

export function SessionsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t("Sessions")}
      description={t("Where you are signed in. Ending one closes it within a second.")}
    >
      {open && <Sessions />}
    </Dialog>
  );
}

/** Where the account is signed in, and the way to end it there. */
export function Sessions() {
  const queries = useQueryClient();
  const { data: sessions = [] } = useQuery(sessionsQuery);
  const [problem, setProblem] = useState<string>();
  const others = sessions.some((session) => !session.current);

  const end = async (request: Promise<unknown>) => {
    setProblem(undefined);
    try {
      await request;
      await queries.invalidateQueries({ queryKey: ["sessions"] });
    } catch (error) {
      setProblem(whyOf(error, t("It could not be ended.")));
    }
  };

  return (
    <div className="grid grid-cols-1 gap-4">
      {problem && <Notice tone="danger">{problem}</Notice>}
      <ul className="grid grid-cols-1 gap-2">
        {sessions.map((session) => (
          <Row
            key={session.session_id}
            session={session}
            onEnd={() => void end(api.revokeSession(session.session_id))}
          />
        ))}
      </ul>
      {others && (
        <Button variant="danger" onClick={() => void end(api.revokeOtherSessions())}>
          {t("End all other sessions")}
        </Button>
      )}
    </div>
  );
}

function Row({ session, onEnd }: { session: SessionInfo; onEnd: () => void }) {
  return (
    <li className="flex items-center gap-3 rounded-xl border border-line p-3">
      <MonitorSmartphone className="size-5 shrink-0 text-muted" aria-hidden="true" />
      <div className="min-w-0 grow">
        <p className="truncate text-sm font-medium">{deviceName(session.device)}</p>
        <p className="text-xs text-muted">
          {session.current ? t("This session") : t("Last used {ago}", { ago: agoOf(Date.parse(session.last_seen_at)) })}{" "}
          · {session.address}
        </p>
      </div>
      {!session.current && (
        <Button size="sm" variant="danger" onClick={onEnd}>
          {t("Revoke")}
        </Button>
      )}
    </li>
  );
}

/** A user agent in words, as far as one can trust it. */
function deviceName(agent: string): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(agent)?.[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1];
  if (!browser) return agent || t("Unknown program");
  const name = { Edg: "Edge", OPR: "Opera" }[browser] ?? browser;
  return system ? t("{browser} on {system}", { browser: name, system: system.replace("Mac OS X", "macOS") }) : name;
}
