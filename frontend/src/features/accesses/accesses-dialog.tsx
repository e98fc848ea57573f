import { queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ScanEye } from "lucide-react";
import { api } from "../../api/client";
import type { Access } from "../../api/types";
import { whyOf } from "../../shared/failures";
import { fullTimeOf } from "../../shared/format";
import { plural, t } from "../../shared/i18n";
import { Button, Spinner } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Notice } from "../../ui/notice";

const userQuery = (userId: string) =>
  queryOptions({ queryKey: ["user", userId], queryFn: () => api.user(userId), staleTime: Number.POSITIVE_INFINITY });

export function AccessesDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t("Who looked at my messages")}
      description={t(
        "When an officer looks at your messages, it is in the audit log before anything is shown. Nobody can switch this list off; a case may delay it.",
      )}
    >
      {open && <Accesses />}
    </Dialog>
  );
}

/** Each look of an officer at this person's messages, newest first. */
function Accesses() {
  const { data, error, isPending, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ["accesses"],
    queryFn: ({ pageParam }) => api.accesses(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 0,
  });
  if (isPending) return <Spinner />;
  if (error) return <Notice tone="danger">{whyOf(error, t("The list could not be loaded."))}</Notice>;
  const accesses = data.pages.flatMap((page) => page.items);
  if (accesses.length === 0) return <Notice>{t("Nobody has looked at your messages.")}</Notice>;
  return (
    <div className="grid gap-4">
      <ul className="grid gap-2">
        {accesses.map((access) => (
          <Row key={access.event_id} access={access} />
        ))}
      </ul>
      {hasNextPage && <Button onClick={() => void fetchNextPage()}>{t("Show older")}</Button>}
    </div>
  );
}

function Row({ access }: { access: Access }) {
  return (
    <li className="flex gap-3 rounded-xl border border-line p-3">
      <ScanEye className="mt-0.5 size-5 shrink-0 text-muted" aria-hidden="true" />
      <div className="min-w-0 grow">
        <p className="text-sm font-medium">{whatOf(access)}</p>
        <p className="text-sm break-words">
          <Name userId={access.officer} />
          {access.approver && (
            <>
              {" · "}
              {t("with the consent of")} <Name userId={access.approver} />
            </>
          )}
        </p>
        <p className="text-xs break-words text-muted">
          {fullTimeOf(Date.parse(access.at))} · {t("Case {number}", { number: access.case_number })} ·{" "}
          {access.legal_basis} · {t("entry {leaf} of the log", { leaf: access.leaf_index })}
        </p>
      </div>
    </li>
  );
}

/** The officer by name; the list is there before the names are. */
function Name({ userId }: { userId: string }) {
  const { data } = useQuery(userQuery(userId));
  return <span className="font-medium">{data?.username ?? userId.slice(0, 8)}</span>;
}

function whatOf({ action, messages }: Access): string {
  switch (action) {
    case "query":
      return plural(messages, "One message was looked up", "{count} messages were looked up");
    case "decrypt":
      return plural(messages, "One message was decrypted", "{count} messages were decrypted");
    default:
      return plural(messages, "One message was exported", "{count} messages were exported");
  }
}
