import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { JoinRequest, Room } from "../../api/types";
import { core } from "../../shared/core-client";
import { whyOf } from "../../shared/failures";
import { t } from "../../shared/i18n";
import { rich } from "../../shared/rich";
import { Button } from "../../ui/button";
import { requestsQuery } from "./queries";

const SHOWN_MAX = 3;

/** People who wait for the room's key. A person decides, never the client by itself: the server names who asks. */
export function Requests({ room: { room_id: roomId, history } }: { room: Room }) {
  const { data: requests = [] } = useQuery(requestsQuery(roomId));
  if (requests.length === 0) return null;
  return (
    <section aria-label={t("People waiting for the key")} className="border-b border-line bg-surface px-4 py-2 sm:px-6">
      <ul className="grid gap-1.5">
        {requests.slice(0, SHOWN_MAX).map((request) => (
          <Row key={request.user_id} roomId={roomId} request={request} history={history === "everything"} />
        ))}
      </ul>
      {requests.length > SHOWN_MAX && (
        <p className="pt-1 text-sm text-muted">{t("and {count} more", { count: requests.length - SHOWN_MAX })}</p>
      )}
    </section>
  );
}

interface RowProps {
  roomId: string;
  request: JoinRequest;
  /** Whether newcomers of this room get its past. */
  history: boolean;
}

function Row({ roomId, request, history }: RowProps) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const decide = async (approve: boolean) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await core.decideRequest(roomId, request.user_id, { approve, history });
      await queries.invalidateQueries({ queryKey: ["room", roomId] });
    } catch (error) {
      setProblem(whyOf(error, t("That did not work.")));
    }
    setBusy(false);
  };

  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="min-w-0 grow text-sm">
        {rich("{name} waits for this room’s key. Do you know that it is them?", { name: <b>{request.username}</b> })}{" "}
        <span className="text-muted">
          {history ? t("They will read all that you can.") : t("They will read what the current key opens.")}
        </span>
        {problem && <span className="block text-danger">{problem}</span>}
      </span>
      <Button size="sm" variant="primary" busy={busy} onClick={() => void decide(true)}>
        {t("Let in")}
      </Button>
      <Button size="sm" disabled={busy} onClick={() => void decide(false)}>
        {t("Refuse")}
      </Button>
    </li>
  );
}
