import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Composer } from "../features/composer/composer";
import { ConnectionBanner } from "../features/connection/banner";
import { MembersPanel } from "../features/members/members-panel";
import { Requests } from "../features/members/requests";
import { TypingLine } from "../features/members/typing-line";
import { roomsQuery } from "../features/rooms/queries";
import { RoomScreen } from "../features/rooms/room-screen";
import { Timeline } from "../features/timeline/timeline";

/** Puts the features of a room together. */
export function RoomRoute({ roomId }: { roomId: string }) {
  const [membersOpen, setMembersOpen] = useState(false);
  const { data: rooms } = useQuery(roomsQuery);
  const room = rooms?.find((candidate) => candidate.room_id === roomId);
  const close = () => setMembersOpen(false);
  return (
    <RoomScreen
      key={roomId}
      roomId={roomId}
      parts={{
        banner: <ConnectionBanner />,
        requests: room?.granted ? <Requests roomId={roomId} /> : null,
        timeline: (view) => <Timeline roomId={roomId} view={view} />,
        typing: <TypingLine roomId={roomId} />,
        composer: ({ name }) => <Composer roomId={roomId} roomName={name} />,
        members: (
          <MembersPanel
            roomId={roomId}
            roomName={room?.name ?? ""}
            canInvite={room?.granted ?? false}
            onClose={close}
          />
        ),
        membersOpen,
        onMembers: () => setMembersOpen((open) => !open),
      }}
    />
  );
}
