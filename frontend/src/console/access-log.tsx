import { useInfiniteQuery } from "@tanstack/react-query";
import { officers } from "../api/officers";
import { Button } from "../ui/button";
import { EntryTable } from "./entries";
import type { Officer } from "./officer";
import { sentenceOf } from "./words";
import { t } from "../shared/i18n";

const PAGE = 100;

/** What this officer has looked at, as the log recorded it. */
export function AccessLog({ officer }: { officer: Officer }) {
  const events = useInfiniteQuery({
    queryKey: ["access", officer.user_id],
    staleTime: 0,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      officers.auditEvents({
        actor: officer.user_id,
        order: "newest_first",
        limit: PAGE,
        ...(pageParam ? { cursor: pageParam } : {}),
      }),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  if (events.isPending) return <p role="status">{t("Loading …")}</p>;
  if (events.error) return <p role="alert">{sentenceOf(events.error)}</p>;
  return (
    <>
      <EntryTable
        events={events.data.pages.flatMap((page) => page.items)}
        caption={t("What the log holds under your name, newest first; looking here is an entry, too.")}
        withActor={false}
      />
      {events.hasNextPage && (
        <Button busy={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
          {t("Older")}
        </Button>
      )}
    </>
  );
}
