import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import type { Room } from "../../api/types";
import { whyOf } from "../../shared/failures";
import { t } from "../../shared/i18n";
import { Button } from "../../ui/button";
import { Centered } from "../../ui/centered";
import { Notice } from "../../ui/notice";

/** A public room from outside. */
export function JoinPrompt({ room }: { room: Room }) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const ask = async () => {
    setBusy(true);
    try {
      await api.joinRoom(room.room_id);
      await queries.invalidateQueries({ queryKey: ["rooms"] });
    } catch (error) {
      setProblem(whyOf(error, t("You could not ask.")));
    }
    setBusy(false);
  };

  return (
    <Centered>
      <h2 className="text-lg font-semibold">{t("You are not in this room")}</h2>
      {room.admission === "invite" ? (
        <p className="max-w-sm text-muted">{t("It takes people by invite link. Ask a member for one.")}</p>
      ) : room.requested ? (
        <p className="max-w-sm text-muted">
          {room.admission === "open"
            ? t("You have asked to join. The key comes as soon as a member is online.")
            : t("You have asked to join. A member decides, and hands you the key.")}
        </p>
      ) : (
        <>
          <p className="max-w-sm text-muted">
            {room.admission === "open"
              ? t("This room is open: the device of a member who is online hands you the key.")
              : t("Ask to join: a member decides, and their device hands you the key.")}
          </p>
          <Button variant="primary" busy={busy} onClick={() => void ask()}>
            {t("Ask to join")}
          </Button>
        </>
      )}
      {problem && <Notice tone="danger">{problem}</Notice>}
    </Centered>
  );
}
