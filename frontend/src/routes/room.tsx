import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Suspense, lazy, useState } from "react";
import { RecoveryReminder } from "../features/auth/recovery-reminder";
import { Composer } from "../features/composer/composer";
import { ConnectionBanner } from "../features/connection/banner";
import { KeyChangeBar, useKeyChanges } from "../features/members/key-changes";
import { MembersPanel } from "../features/members/members-panel";
import { membersQuery } from "../features/members/queries";
import { Requests } from "../features/members/requests";
import { TypingLine } from "../features/members/typing-line";
import { roomsQuery } from "../features/rooms/queries";
import { RoomScreen } from "../features/rooms/room-screen";
import { Timeline } from "../features/timeline/timeline";

/** What a room is, which is not read before somebody asks. */
const AboutRoom = lazy(async () => ({ default: (await import("../features/rooms/about-room")).AboutRoom }));

const route = getRouteApi("/rooms/$roomId");

/** The room that the address names. */
export function RoomRoute() {
  const { roomId } = route.useParams();
  const { m } = route.useSearch();
  return <Room key={roomId} roomId={roomId} wanted={m} />;
}

/** Puts the features of a room together. */
function Room({ roomId, wanted }: { roomId: string; wanted: string | undefined }) {
  const [membersOpen, setMembersOpen] = useState(false);
  const { data: rooms } = useQuery(roomsQuery);
  const room = rooms?.find((candidate) => candidate.room_id === roomId);
  const [mentioning, setMentioning] = useState(false);
  const { data: members } = useQuery({ ...membersQuery(roomId), enabled: mentioning });
  const names = (members ?? []).map(({ username }) => username);
  const changes = useKeyChanges(roomId);
  const blocked = changes.some(({ verified }) => verified);
  const close = () => setMembersOpen(false);
  return (
    <RoomScreen
      key={roomId}
      roomId={roomId}
      parts={{
        banner: (
          <>
            <ConnectionBanner />
            <RecoveryReminder />
          </>
        ),
        requests: room?.granted ? <Requests roomId={roomId} /> : null,
        timeline: (view) => <Timeline roomId={roomId} view={view} canWrite={room?.granted ?? false} wanted={wanted} />,
        typing: <TypingLine roomId={roomId} />,
        composer: ({ name }) => (
          <>
            {room && <KeyChangeBar room={room} changes={changes} />}
            {!blocked && (
              <Composer roomId={roomId} roomName={name} members={names} onMention={() => setMentioning(true)} />
            )}
          </>
        ),
        members: room ? <MembersPanel room={room} onClose={close} /> : null,
        about: (open, onClose) =>
          room &&
          open && (
            <Suspense fallback={null}>
              <AboutRoom room={room} open={open} onClose={onClose} />
            </Suspense>
          ),
        membersOpen,
        onMembers: () => setMembersOpen((open) => !open),
      }}
    />
  );
}
