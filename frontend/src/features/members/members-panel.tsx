import { useQuery } from "@tanstack/react-query";
import { BadgeCheck, KeyRound, Link2 } from "lucide-react";
import { useState } from "react";
import type { Member, Room } from "../../api/types";
import { useCore } from "../../shared/core-store";
import { whyOf } from "../../shared/failures";
import { agoOf } from "../../shared/format";
import { t } from "../../shared/i18n";
import { Avatar } from "../../ui/avatar";
import { Button } from "../../ui/button";
import { late } from "../../ui/late";
import { MembersFrame, MembersLoading } from "./members-frame";
import { PersonDialog } from "./person";
import { membersQuery, personQuery } from "./queries";

/** Not read before somebody invites. */
const InviteDialog = late(async () => (await import("./invite-dialog")).InviteDialog);

/** Who is in the room, who is here now, and the way to bring somebody in. */
export function MembersPanel({ room, onClose }: { room: Room; onClose: () => void }) {
  const { data: members = [], error, isPending } = useQuery(membersQuery(room.room_id));
  const presence = useCore((store) => store.presence);
  const [inviting, setInviting] = useState(false);
  const [shown, setShown] = useState<Member>();
  const isOnline = (member: Member) => presence[member.user_id]?.online ?? false;
  const sorted = members.toSorted(
    (a, b) => Number(isOnline(b)) - Number(isOnline(a)) || a.username.localeCompare(b.username),
  );
  return (
    <MembersFrame onClose={onClose}>
      {room.granted && !room.peer && (
        <div className="px-4 pt-4">
          <Button className="w-full" onClick={() => setInviting(true)}>
            <Link2 className="size-4" aria-hidden="true" /> {t("Invite by link")}
          </Button>
        </div>
      )}
      {error && (
        <p className="px-4 pt-4 text-sm text-muted">
          {t("The members could not be loaded: {why}", { why: whyOf(error, t("That did not work.")) })}
        </p>
      )}
      {isPending && <MembersLoading />}
      <ul className="thin-scroll min-h-0 grow overflow-y-auto p-2">
        {sorted.map((member) => (
          <MemberRow
            key={member.user_id}
            member={member}
            online={isOnline(member)}
            seen={presence[member.user_id]?.at}
            onShow={() => setShown(member)}
          />
        ))}
      </ul>
      {inviting && <InviteDialog room={room} members={members} open onClose={() => setInviting(false)} />}
      {shown && <PersonDialog room={room} member={shown} onClose={() => setShown(undefined)} />}
    </MembersFrame>
  );
}

interface RowProps {
  member: Member;
  online: boolean;
  seen: string | undefined;
  onShow: () => void;
}

function MemberRow({ member, online, seen, onShow }: RowProps) {
  const { data: person } = useQuery({ ...personQuery(member.user_id), enabled: false });
  const last = seen ? t("Seen {ago}", { ago: agoOf(Date.parse(seen)) }) : t("Offline");
  const state = online ? t("Online") : last;
  return (
    <li>
      <button
        type="button"
        onClick={onShow}
        className="flex w-full items-center gap-3 rounded-xl px-2 py-1.5 text-start hover:bg-sunken"
      >
        <Avatar name={member.username} online={online} />
        <span className="min-w-0 grow">
          <span className="flex items-center gap-1 font-medium">
            <span className="truncate">{member.username}</span>
            {person?.verifiedAt !== undefined && (
              <BadgeCheck className="size-4 shrink-0 text-accent" role="img" aria-label={t("Verified")} />
            )}
          </span>
          <span className="block text-xs text-muted">
            {member.role === "admin" ? `${state} · ${t("room admin")}` : state}
          </span>
        </span>
        {!member.granted && (
          <KeyRound className="size-4 text-warn" role="img" aria-label={t("Does not hold the room key yet")} />
        )}
      </button>
    </li>
  );
}
