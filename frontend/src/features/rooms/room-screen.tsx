import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronLeft, Info, Users } from "lucide-react";
import { type ReactNode, type Ref, useEffect, useState } from "react";
import type { Room } from "../../api/types";
import { forgetJump } from "../../shared/composing";
import { core } from "../../shared/core-client";
import { useCore } from "../../shared/core-store";
import { whyText } from "../../shared/failures";
import { msg, t } from "../../shared/i18n";
import { Button, Spinner } from "../../ui/button";
import { Centered } from "../../ui/centered";
import { NoKey } from "./no-key";
import { JoinPrompt } from "./join-prompt";
import { roomsQuery } from "./queries";

interface Parts {
  timeline: (view: NonNullable<ReturnType<typeof useView>>) => ReactNode;
  composer: (room: Room) => ReactNode;
  typing: ReactNode;
  banner: ReactNode;
  members: ReactNode;
  requests: ReactNode;
  about: (open: boolean, onClose: () => void) => ReactNode;
  membersOpen: boolean;
  membersButton: Ref<HTMLButtonElement>;
  onMembers: () => void;
}

/** A room: its head, its timeline and where one writes; what stands in each comes from other features. */
export function RoomScreen({ roomId, parts }: { roomId: string; parts: Parts }) {
  const { data: rooms, isPending } = useQuery(roomsQuery);
  const room = rooms?.find((candidate) => candidate.room_id === roomId);
  const view = useView(roomId);
  const member = Boolean(room?.role);
  const [about, setAbout] = useState(false);

  useEffect(() => () => forgetJump(roomId), [roomId]);
  useEffect(() => {
    if (member) void core.openRoom(roomId).catch(() => undefined);
  }, [roomId, member]);

  if (!room)
    return isPending ? (
      <Centered>
        <Spinner />
      </Centered>
    ) : (
      <NotFound />
    );
  return (
    <div className="flex h-full min-w-0 grow">
      {/* On a narrow screen the members lie over it. */}
      <section
        aria-label={room.name}
        className={`flex min-w-0 grow flex-col ${parts.membersOpen && member ? "max-md:invisible" : ""}`}
      >
        <RoomHead
          room={room}
          membersOpen={parts.membersOpen}
          membersButton={parts.membersButton}
          onMembers={parts.onMembers}
          onAbout={() => setAbout(true)}
        />
        {parts.banner}
        {member ? (
          <>
            {parts.requests}
            {/* It takes the timeline's room from the first moment: what one writes in does not move. */}
            {(!view || (view.status.state === "loading" && view.items.length === 0)) && (
              <Centered>
                <Spinner />
              </Centered>
            )}
            {view?.status.state === "failed" && (
              <Centered>
                <p className="max-w-sm text-muted">
                  {t("The messages could not be loaded.")} {whyText(view.status.code, view.status.message)}
                </p>
                <Button size="sm" onClick={() => void core.openRoom(roomId)}>
                  {t("Try again")}
                </Button>
              </Centered>
            )}
            {view && (view.items.length > 0 || view.status.state === "ready") && parts.timeline(view)}
            {parts.typing}
            {room.granted ? parts.composer(room) : <NoKey room={room} />}
          </>
        ) : (
          <JoinPrompt room={room} />
        )}
      </section>
      {parts.membersOpen && member && parts.members}
      {parts.about(about, () => setAbout(false))}
    </div>
  );
}

const useView = (roomId: string) => useCore((store) => store.timelines[roomId]);

interface HeadProps {
  room: Room;
  membersOpen: boolean;
  membersButton: Ref<HTMLButtonElement>;
  onMembers: () => void;
  onAbout: () => void;
}

function RoomHead({ room, membersOpen, membersButton, onMembers, onAbout }: HeadProps) {
  return (
    <header className="flex h-16 shrink-0 items-center gap-2 border-b border-line px-3 sm:px-5">
      <Link
        to="/"
        aria-label={t("All rooms")}
        className="-ms-1 rounded-lg p-1.5 text-muted hover:bg-sunken md:hidden pointer-coarse:p-3"
      >
        <ChevronLeft className="size-5 rtl:-scale-x-100" aria-hidden="true" />
      </Link>
      <div className="min-w-0 grow">
        <h1 className="truncate font-semibold">{room.name}</h1>
        <p className="truncate text-sm text-muted">{t(DESCRIPTIONS[room.peer ? "direct" : room.kind])}</p>
      </div>
      <Button
        variant="quiet"
        size="icon"
        aria-label={t("About this room")}
        title={t("About this room")}
        onClick={onAbout}
      >
        <Info className="size-4" aria-hidden="true" />
      </Button>
      <Button
        ref={membersButton}
        variant="quiet"
        size="sm"
        aria-pressed={membersOpen}
        aria-label={t("Members: {count}", { count: room.member_count })}
        onClick={onMembers}
      >
        <Users className="size-4" aria-hidden="true" /> {room.member_count}
      </Button>
    </header>
  );
}

const DESCRIPTIONS = {
  lobby: msg("Everybody in the organisation"),
  public: msg("Open to the organisation"),
  private: msg("Members only"),
  direct: msg("Only you two"),
};

function NotFound() {
  return (
    <Centered>
      <h1 className="font-semibold">{t("There is no such room")}</h1>
      <p className="text-muted">{t("Or you are not a member of it.")}</p>
      <Link to="/" className="text-accent hover:underline">
        {t("Go to the lobby")}
      </Link>
    </Centered>
  );
}
