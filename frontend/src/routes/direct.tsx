import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Navigate, getRouteApi, useNavigate } from "@tanstack/react-router";
import { api } from "../api/client";
import type { Content } from "../core/crypto/content";
import { Composer } from "../features/composer/composer";
import { DirectStart } from "../features/rooms/direct-start";
import { roomsQuery } from "../features/rooms/queries";
import { core } from "../shared/core-client";
import { whyOf } from "../shared/failures";
import { t } from "../shared/i18n";
import { Spinner } from "../ui/button";
import { Centered } from "../ui/centered";

const route = getRouteApi("/direct/$userId");

/** The person whom the address names. */
export function DirectRoute() {
  const { userId } = route.useParams();
  return <Direct key={userId} userId={userId} />;
}

/** The conversation with one person: its room if there is one, else the place where it begins. */
function Direct({ userId }: { userId: string }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { data: rooms } = useQuery(roomsQuery);
  const { data: person, error } = useQuery({ queryKey: ["user", userId], queryFn: () => api.user(userId) });
  const room = rooms?.find(({ peer }) => peer?.user_id === userId);
  if (room) return <Navigate to="/rooms/$roomId" params={{ roomId: room.room_id }} replace />;
  if (error) {
    return (
      <Centered>
        <h1 className="font-semibold">{t("There is no such person")}</h1>
        <p className="text-muted">{whyOf(error, t("It could not be loaded."))}</p>
      </Centered>
    );
  }
  if (!rooms || !person) {
    return (
      <Centered>
        <Spinner />
      </Centered>
    );
  }
  const send = async (content: Content) => {
    const { roomId } = await core.openDirect(userId);
    await core.send(roomId, content);
    await queries.invalidateQueries({ queryKey: ["rooms"] });
    await navigate({ to: "/rooms/$roomId", params: { roomId }, replace: true });
  };
  const composer = (
    <Composer
      roomId={`direct:${userId}`}
      roomName={person.username}
      members={[]}
      onMention={() => undefined}
      send={send}
    />
  );
  return <DirectStart name={person.username} composer={composer} />;
}
