import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client";
import type { StoredMessage } from "../api/types";
import type { Disclosed } from "../core/disclosure";
import { Button } from "../ui/button";
import type { LoadedKey } from "./disclosure-client";
import { parameters, parseQuery, queryText } from "./query";
import { QueryBuilder } from "./query-builder";
import { ResultTable } from "./result-table";

const PAGE = 50;

/** A query, its messages, and the texts of those that were ticked. */
export function Messages({ loadedKey }: { loadedKey: LoadedKey | undefined }) {
  const [query, setQuery] = useState(() => parseQuery(location.search));
  const [asked, setAsked] = useState(false);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [texts, setTexts] = useState<ReadonlyMap<string, Disclosed>>(new Map());
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const pages = useInfiniteQuery({
    queryKey: ["messages", query],
    enabled: asked,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      api.auditMessages({ ...parameters(query), limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const messages = pages.data?.pages.flatMap((page) => page.items) ?? [];

  const change = (next: typeof query) => {
    setQuery(next);
    setAsked(false);
    setTicked(new Set());
    history.replaceState(null, "", `${location.pathname}${queryText(next)}`);
  };
  const read = async () => {
    if (!loadedKey) return;
    setBusy(true);
    const chosen = messages.filter(({ id }) => ticked.has(id));
    // What is opened is logged first, and the people concerned are told.
    if (query.case) {
      try {
        await api.grantDecryption(
          query.case,
          chosen.map(({ id }) => id),
        );
      } catch (failure) {
        setRefused(failure instanceof Error ? failure.message : String(failure));
        setBusy(false);
        return;
      }
    }
    setRefused("");
    for (const message of chosen) {
      const text = await disclose(loadedKey, message);
      setTexts((known) => new Map(known).set(message.id, text));
    }
    setBusy(false);
  };

  return (
    <>
      <QueryBuilder query={query} onChange={change} onAsk={() => setAsked(true)} />
      {pages.error && (
        <p role="alert" className="text-danger">
          {pages.error.message}
        </p>
      )}
      {refused && (
        <p role="alert" className="text-danger">
          {refused}
        </p>
      )}
      {pages.isFetching && messages.length === 0 && <p role="status">Asking …</p>}
      {pages.isSuccess && messages.length === 0 && <p role="status">No message fits this query.</p>}
      {messages.length > 0 && (
        <>
          <div className="flex flex-wrap items-center gap-3">
            <p role="status">
              {messages.length} messages{pages.hasNextPage ? ", and more" : ""}
            </p>
            <Button
              size="sm"
              variant="primary"
              busy={busy}
              disabled={!loadedKey || ticked.size === 0}
              onClick={() => void read()}
            >
              Read {ticked.size} ticked
            </Button>
            {texts.size > 0 && (
              <Button size="sm" onClick={() => setTexts(new Map())}>
                Hide texts
              </Button>
            )}
          </div>
          <ResultTable caseId={query.case} messages={messages} ticked={ticked} onTick={setTicked} texts={texts} />
          {pages.hasNextPage && (
            <Button busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              More
            </Button>
          )}
        </>
      )}
    </>
  );
}

async function disclose(key: LoadedKey, message: StoredMessage): Promise<Disclosed> {
  try {
    const { certificate } = await api.certificate(message.sender_fp);
    return await key.open({ ...message, certificate });
  } catch (error) {
    return { id: message.id, refused: error instanceof Error ? error.message : String(error) };
  }
}
