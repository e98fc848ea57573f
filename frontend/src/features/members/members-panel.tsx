import { useQuery } from "@tanstack/react-query";
import { KeyRound, Link2, X } from "lucide-react";
import { useState } from "react";
import type { Member } from "../../api/types";
import { useCore } from "../../shared/core-store";
import { agoOf } from "../../shared/format";
import { Avatar } from "../../ui/avatar";
import { Button } from "../../ui/button";
import { membersQuery } from "./queries";
import { InviteDialog } from "./invite-dialog";

interface Props {
  roomId: string;
  roomName: string;
  canInvite: boolean;
  onClose: () => void;
}

/** Who is in the room, who is here now, and the way to bring somebody in. */
export function MembersPanel({ roomId, roomName, canInvite, onClose }: Props) {
  const { data: members = [] } = useQuery(membersQuery(roomId));
  const presence = useCore((store) => store.presence);
  const [inviting, setInviting] = useState(false);
  const isOnline = (member: Member) => presence[member.user_id]?.online ?? false;
  const sorted = members.toSorted(
    (a, b) => Number(isOnline(b)) - Number(isOnline(a)) || a.username.localeCompare(b.username),
  );
  return (
    <aside
      aria-label="Members"
      className="fixed inset-0 z-10 flex flex-col border-l border-line bg-canvas md:static md:w-72 md:shrink-0"
    >
      <div className="flex h-16 shrink-0 items-center justify-between border-b border-line px-4">
        <h2 className="font-semibold">Members</h2>
        <Button variant="quiet" size="icon" aria-label="Close members" onClick={onClose}>
          <X className="size-4" aria-hidden="true" />
        </Button>
      </div>
      {canInvite && (
        <div className="px-4 pt-4">
          <Button className="w-full" onClick={() => setInviting(true)}>
            <Link2 className="size-4" aria-hidden="true" /> Invite by link
          </Button>
        </div>
      )}
      <ul className="thin-scroll min-h-0 grow overflow-y-auto p-2">
        {sorted.map((member) => (
          <MemberRow
            key={member.user_id}
            member={member}
            online={isOnline(member)}
            seen={presence[member.user_id]?.at}
          />
        ))}
      </ul>
      <InviteDialog roomId={roomId} roomName={roomName} open={inviting} onClose={() => setInviting(false)} />
    </aside>
  );
}

function MemberRow({ member, online, seen }: { member: Member; online: boolean; seen: string | undefined }) {
  const state = online ? "Online" : seen ? `Seen ${agoOf(Date.parse(seen))}` : "Offline";
  return (
    <li className="flex items-center gap-3 rounded-xl px-2 py-1.5">
      <Avatar name={member.username} online={online} />
      <div className="min-w-0 grow">
        <p className="truncate font-medium">{member.username}</p>
        <p className="text-xs text-muted">
          {state}
          {member.role === "admin" && " · room admin"}
        </p>
      </div>
      {!member.granted && (
        <KeyRound className="size-4 text-warn" role="img" aria-label="Does not hold the room key yet" />
      )}
    </li>
  );
}
