import { useQuery } from "@tanstack/react-query";
import { useCore } from "../../shared/core-store";
import { namesOf } from "../../shared/format";
import { useNow } from "../../shared/use-now";
import { membersQuery } from "./queries";

/** Who is writing just now; it keeps its place when nobody is, so that nothing jumps. */
export function TypingLine({ roomId }: { roomId: string }) {
  const typing = useCore((store) => store.typing[roomId]);
  const { data: members = [] } = useQuery(membersQuery(roomId));
  const now = useNow(1_000);
  const writing = Object.entries(typing ?? {}).flatMap(([userId, until]) => (until > now ? [userId] : []));

  const names = writing.map((userId) => members.find((member) => member.user_id === userId)?.username ?? "Somebody");
  return (
    <p aria-live="polite" className="mx-auto h-6 w-full max-w-4xl truncate px-5 text-sm text-muted sm:px-7">
      {names.length > 0 && `${namesOf(names)} ${names.length === 1 ? "is" : "are"} writing…`}
    </p>
  );
}
