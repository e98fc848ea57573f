import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client";
import { officers } from "../api/officers";
import { ApiError } from "../api/problems";
import type { StoredMessage } from "../api/types";
import type { Disclosed } from "../core/disclosure";
import { Told } from "../core/told";
import { Button } from "../ui/button";
import type { Keyring } from "./keyring";
import { type Step, prove } from "./proof";
import { type Query, parameters, queryText } from "./query";
import { QueryBuilder } from "./query-builder";
import { ResultTable } from "./result-table";
import type { ReadTexts } from "./texts";
import { go } from "./url";
import { VolumeBars } from "./volume-bars";
import { sentenceOf } from "./words";
import { msg, plural, t } from "../shared/i18n";

const PAGE = 50;
const NONE: ReadonlySet<string> = new Set();

interface Props {
  query: Query;
  keyring: Keyring;
  texts: ReadTexts;
  onTexts: (change: (known: ReadTexts) => ReadTexts) => void;
}

/** A query, its messages, and the texts of those that were ticked. */
export function Messages({ query, keyring, texts, onTexts }: Props) {
  const text = queryText(query);
  // Asking again is another question, and another entry of the log.
  const [asked, setAsked] = useState({ text: "", round: 0 });
  const [chosen, setChosen] = useState({ text, ids: NONE });
  const [proofs, setProofs] = useState<ReadonlyMap<string, Step[]>>(new Map());
  const [busy, setBusy] = useState<"reading" | "proving">();
  const [refused, setRefused] = useState("");
  const pages = useInfiniteQuery({
    queryKey: ["messages", text, asked.round],
    enabled: asked.round > 0 && asked.text === text,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      officers.auditMessages({ ...parameters(query), limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const messages = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const ticked = chosen.text === text ? chosen.ids : NONE;
  const readable = keyring.keys.length > 0;
  const picked = messages.filter(({ id }) => ticked.has(id));

  const change = (next: Query) => go({ view: "messages", query: next });
  const read = async () => {
    setBusy("reading");
    setRefused("");
    try {
      // What is opened is logged first, and the people concerned are told; what no key here opens is not.
      const opening = picked.filter(({ env }) => keyring.keyFor(env)).map(({ id }) => id);
      if (query.case) await officers.grantDecryption(query.case, opening);
      for (const message of picked) {
        const disclosed = await disclose(keyring, message);
        onTexts((known) => new Map(known).set(message.id, { caseId: query.case, message, disclosed }));
      }
    } catch (failure) {
      setRefused(sentenceOf(failure));
    }
    setBusy(undefined);
  };
  const verify = async (which: StoredMessage[]) => {
    setBusy("proving");
    for (const message of which) {
      const steps = await prove(message, query.case).catch((failure: unknown) => [
        { name: t("Proof"), holds: false, detail: sentenceOf(failure) },
      ]);
      setProofs((known) => new Map(known).set(message.id, steps));
    }
    setBusy(undefined);
  };

  return (
    <>
      <QueryBuilder
        query={query}
        onChange={change}
        onAsk={() => setAsked(({ round }) => ({ text, round: round + 1 }))}
      />
      {pages.error && <Refusal error={pages.error} />}
      {refused && (
        <p role="alert" className="text-danger">
          {refused}
        </p>
      )}
      {pages.isFetching && messages.length === 0 && <p role="status">{t("Asking …")}</p>}
      {pages.isSuccess && messages.length === 0 && <p role="status">{t("No message fits this query.")}</p>}
      {messages.length > 0 && (
        <>
          <VolumeBars
            times={messages.map(({ accepted_at }) => accepted_at)}
            more={pages.hasNextPage}
            onNarrow={(from, to) => change({ ...query, from, to })}
          />
          <div className="flex flex-wrap items-center gap-3 print:hidden">
            <p role="status">
              {plural(messages.length, "{count} message", "{count} messages")}
              {pages.hasNextPage ? `, ${t("and more")}` : ""}
            </p>
            <Button
              size="sm"
              variant="primary"
              busy={busy === "reading"}
              disabled={!readable || picked.length === 0 || busy !== undefined}
              onClick={() => void read()}
            >
              {t("Read {count} ticked", { count: picked.length })}
            </Button>
            <Button
              size="sm"
              busy={busy === "proving"}
              disabled={picked.length === 0 || busy !== undefined}
              onClick={() => void verify(picked)}
            >
              {t("Verify {count} ticked", { count: picked.length })}
            </Button>
            {texts.size > 0 && (
              <Button size="sm" onClick={() => onTexts(() => new Map())}>
                {t("Hide texts")}
              </Button>
            )}
            {!readable && <p className="text-sm text-muted">{t("To read texts, load the compliance key above.")}</p>}
          </div>
          <ResultTable
            messages={messages}
            ticked={ticked}
            onTick={(ids) => setChosen({ text, ids })}
            texts={texts}
            proofs={proofs}
            onVerify={(message) => void verify([message])}
          />
          {pages.hasNextPage && (
            <Button busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              {t("More")}
            </Button>
          )}
        </>
      )}
    </>
  );
}

/** What a refusal asks of an officer. */
const WAYS: Record<string, string> = {
  "case-required": msg("Other people’s messages need a case: choose one as a filter, or open one under Cases."),
  "approval-required": msg("Ask for it under Cases; the other officer finds the question there."),
};

function Refusal({ error }: { error: Error }) {
  const way = error instanceof ApiError ? WAYS[error.code] : undefined;
  return (
    <p role="alert" className="text-danger">
      {sentenceOf(error)} {way && t(way)}
    </p>
  );
}

async function disclose(keyring: Keyring, message: StoredMessage): Promise<Disclosed> {
  try {
    const key = keyring.keyFor(message.env);
    if (!key) throw await keyring.missing(message.env);
    const { certificate } = await api.certificate(message.sender_fp);
    return await key.open({ ...message, certificate });
  } catch (error) {
    if (error instanceof Told) return { id: message.id, refused: error.template, values: error.values };
    return { id: message.id, refused: sentenceOf(error) };
  }
}
