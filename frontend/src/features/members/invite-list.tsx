import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import type { Invite, Member, Room } from "../../api/types";
import { fullTimeOf } from "../../shared/format";
import { whyOf } from "../../shared/failures";
import { t } from "../../shared/i18n";
import { useNow } from "../../shared/use-now";
import { Button } from "../../ui/button";
import { Notice } from "../../ui/notice";
import { invitesQuery } from "./queries";

/** The links that still let somebody in. Their secrets are with whoever has the link, so they cannot be shown again. */
export function InviteList({ room, members }: { room: Room; members: Member[] }) {
  const queries = useQueryClient();
  const { data: invites = [] } = useQuery(invitesQuery(room.room_id));
  const [problem, setProblem] = useState<string>();
  const now = useNow(30_000);
  const works = ({ revoked, uses, uses_max, epoch, expires_at }: Invite) =>
    !revoked && uses < uses_max && epoch === room.epoch && Date.parse(expires_at) > now;
  const open = invites.filter(works);

  const end = async (invite: Invite) => {
    setProblem(undefined);
    try {
      await api.revokeInvite(room.room_id, invite.invite_id);
    } catch (error) {
      setProblem(whyOf(error, t("The link could not be ended.")));
    }
    await queries.invalidateQueries({ queryKey: invitesQuery(room.room_id).queryKey });
  };

  if (open.length === 0) return <p className="text-sm text-muted">{t("No link to this room works at the moment.")}</p>;
  return (
    <section aria-label={t("Links that work")}>
      <h3 className="mb-2 text-sm font-medium">{t("Links that work")}</h3>
      {problem && <Notice tone="danger">{problem}</Notice>}
      <ul className="grid gap-2">
        {open.map((invite) => (
          <li key={invite.invite_id} className="flex items-center gap-3 rounded-xl border border-line p-3 text-sm">
            <span className="min-w-0 grow">
              <span className="block">{t("By {name}", { name: makerOf(invite, members) })}</span>
              <span className="block text-xs text-muted">
                {t("{uses} of {max} used", { uses: invite.uses, max: invite.uses_max })} ·{" "}
                {t("until {time}", { time: fullTimeOf(Date.parse(invite.expires_at)) })}
              </span>
            </span>
            <Button size="sm" variant="danger" onClick={() => void end(invite)}>
              {t("Revoke")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const makerOf = ({ created_by }: Invite, members: Member[]): string =>
  members.find(({ user_id }) => user_id === created_by)?.username ?? t("a former member");
