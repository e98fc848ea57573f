import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { RecoveryReminder } from "../features/auth/recovery-reminder";
import { Composer } from "../features/composer/composer";
import { ConnectionBanner } from "../features/connection/banner";
import { MembersFrame, MembersLoading } from "../features/members/members-frame";
import { membersQuery } from "../features/members/queries";
import { useKeyChanges } from "../features/members/use-key-changes";
import { Requests } from "../features/members/requests";
import { TypingLine } from "../features/members/typing-line";
import { roomsQuery } from "../features/rooms/queries";
import { RoomScreen } from "../features/rooms/room-screen";
import { Timeline } from "../features/timeline/timeline";
import { late } from "../ui/late";

const KeyChangeBar = late(async () => (await import("../features/members/key-changes")).KeyChangeBar);
/** What a room is and who is in it, which is not read before somebody asks. */
const MembersPanel = late(
  async () => (await import("../features/members/members-panel")).MembersPanel,
  ({ onClose }) => (
    <MembersFrame onClose={onClose}>
      <MembersLoading />
    </MembersFrame>
  ),
  true,
);
const AboutRoom = late(async () => (await import("../features/rooms/about-room")).AboutRoom);

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
  // It stays for the visit: who compares a key shall see how that ends.
  const [changed, setChanged] = useState(false);
  if (changes.length > 0 && !changed) setChanged(true);
  const blocked = changes.some(({ verified }) => verified);
  const membersButton = useRef<HTMLButtonElement>(null);
  const close = () => {
    setMembersOpen(false);
    // On a narrow screen it is out of reach until the panel is gone.
    requestAnimationFrame(() => membersButton.current?.focus());
  };
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
        requests: room?.granted ? <Requests room={room} /> : null,
        timeline: (view) => <Timeline roomId={roomId} view={view} canWrite={room?.granted ?? false} wanted={wanted} />,
        typing: <TypingLine roomId={roomId} />,
        composer: ({ name }) => (
          <>
            {room && changed && <KeyChangeBar room={room} changes={changes} />}
            {!blocked && (
              <Composer roomId={roomId} roomName={name} members={names} onMention={() => setMentioning(true)} />
            )}
          </>
        ),
        members: room ? <MembersPanel room={room} onClose={close} /> : null,
        about: (open, onClose) => room && open && <AboutRoom room={room} open={open} onClose={onClose} />,
        membersOpen,
        membersButton,
        onMembers: () => setMembersOpen((open) => !open),
      }}
    />
  );
}
