import { useQuery } from "@tanstack/react-query";
import { type Dispatch, type SetStateAction, useMemo, useState } from "react";
import { api } from "../api/client";
import { AccessLog } from "./access-log";
import { Cases } from "./cases";
import { Exports } from "./exports";
import { Health } from "./health";
import { Holds } from "./holds";
import { KeyPanel } from "./key-panel";
import { type Keys, Keyring } from "./keyring";
import { Messages } from "./messages";
import { Report } from "./report";
import type { ReadTexts } from "./texts";
import { VIEWS, type View } from "./place";
import { go, hrefOf, usePlace } from "./url";
import { rich } from "../shared/rich";
import { t } from "../shared/i18n";

/** Views that a key is of use in. */
const READING: readonly View[] = ["messages", "exports"];

interface Props {
  keys: Keys;
  onKeys: Dispatch<SetStateAction<Keys>>;
}

export function Console({ keys, onKeys }: Props) {
  const session = useQuery({ queryKey: ["session"], queryFn: api.session });
  const { view, query } = usePlace();
  const { loaded } = keys;
  const keyring = useMemo(() => new Keyring(loaded), [loaded]);
  const [texts, setTexts] = useState<ReadTexts>(new Map());
  if (session.isPending) return <p className="p-6">{t("Loading …")}</p>;
  const officer = session.data;
  if (!officer || officer.role !== "auditor") {
    return (
      <main className="mx-auto max-w-xl p-6">
        <h1 className="mb-3 text-xl font-semibold">{t("Compliance console")}</h1>
        <p>
          {officer ? t("{name} is not an auditor.", { name: officer.username }) : t("Nobody is signed in.")}{" "}
          {rich("{link}, then come back to this page.", {
            link: (
              <a className="text-accent underline" href="/">
                {t("Sign in as an auditor")}
              </a>
            ),
          })}
        </p>
      </main>
    );
  }
  const caseId = query.case;
  return (
    <div className="mx-auto flex min-h-full max-w-6xl flex-col gap-4 p-4 print:max-w-none print:p-0">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line pb-3 print:hidden">
        <h1 className="text-xl font-semibold">{t("Compliance console")}</h1>
        <nav aria-label={t("Views")} className="flex flex-wrap gap-1">
          {(Object.keys(VIEWS) as (keyof typeof VIEWS)[]).map((name) => (
            <a
              key={name}
              href={hrefOf({ view: name, query })}
              aria-current={view === name ? "page" : undefined}
              className="rounded-xl px-2.5 py-1.5 text-sm text-muted hover:bg-sunken aria-[current=page]:bg-accent-soft aria-[current=page]:text-ink pointer-coarse:py-2.5"
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                go({ view: name, query });
              }}
            >
              {t(VIEWS[name])}
            </a>
          ))}
        </nav>
        <p className="ml-auto text-sm text-muted">
          {officer.username} · {t("times are UTC")}
        </p>
      </header>
      <main className="flex flex-col gap-4">
        <KeyPanel keys={keys} wanted={READING.includes(view)} onChange={onKeys} />
        {/* They stay while another view is open: what was asked is not asked twice. */}
        <div hidden={view !== "messages"} className="flex flex-col gap-4 [&[hidden]]:hidden">
          <Messages query={query} keyring={keyring} texts={texts} onTexts={setTexts} />
        </div>
        <div hidden={view !== "exports"} className="flex flex-col gap-4 [&[hidden]]:hidden">
          <Exports officer={officer} caseId={caseId} keyring={keyring} />
        </div>
        {view === "cases" && <Cases officer={officer} />}
        {view === "holds" && <Holds key={caseId} officer={officer} caseId={caseId} />}
        {view === "access" && <AccessLog officer={officer} />}
        {view === "health" && <Health />}
        {view === "report" && <Report caseId={caseId} officer={officer} texts={texts} />}
      </main>
    </div>
  );
}
