import { useQuery } from "@tanstack/react-query";
import { CircleCheck, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { api } from "../api/client";
import { officers } from "../api/officers";
import type { Checkpoint, LogHealth } from "../api/types";
import { isCosigned } from "../core/crypto/cosignature";
import { nameOf } from "../core/witnesses";
import { Button } from "../ui/button";
import { checkedHead } from "./proof";
import { Steps } from "./proof-badge";
import { instant, sentenceOf } from "./words";
import { plural, t } from "../shared/i18n";

/** More that waits than passes by in a moment. */
const WAITS_MAX = 100;

/** What is proven here, and what the server says of itself. */
export function Health() {
  const head = useQuery({ queryKey: ["head"], staleTime: 0, queryFn: checkedHead });
  const said = useQuery({ queryKey: ["health"], staleTime: 0, queryFn: officers.logHealth });
  const witnesses = useQuery({ queryKey: ["witnesses"], staleTime: 0, queryFn: witnessed });
  const again = () => void Promise.all([head.refetch(), said.refetch(), witnesses.refetch()]);
  return (
    <>
      <Card title={t("What this browser has checked itself")}>
        <Answer query={head}>
          {({ checkpoint, steps }) => (
            <>
              <Steps steps={steps} />
              <Facts
                facts={[
                  [t("Leaves"), String(checkpoint.size)],
                  [t("Covers every message up to"), checkpoint.covers ?? t("none yet")],
                  [t("Log key"), checkpoint.vkey],
                ]}
              />
            </>
          )}
        </Answer>
        <Answer query={witnesses}>
          {({ found, checkpoint }) => (
            <ul aria-label={t("Witnesses")} className="flex flex-col gap-1">
              {found.length === 0 && (
                <Line good={false}>{t("No witness: nobody outside watches that this log only grows.")}</Line>
              )}
              {found.map(({ name, cosigned }) => (
                <Line key={name} good={cosigned}>
                  {cosigned
                    ? t("The witness {name} has cosigned the log up to leaf {leaf}.", {
                        name,
                        leaf: String(checkpoint?.size ?? 0),
                      })
                    : t("The witness {name} has cosigned nothing that this browser could check.", { name })}
                </Line>
              ))}
            </ul>
          )}
        </Answer>
      </Card>
      <Card title={t("What the server says of itself")}>
        <Answer query={said}>{(health) => <Said health={health} />}</Answer>
        <p className="text-sm text-muted">
          {t("Whether its rows are whole is for an operator and an officer together: sealcast audit verify --live.")}
        </p>
      </Card>
      <div className="flex flex-wrap gap-2">
        <Button onClick={again}>{t("Check again")}</Button>
        <a
          className="inline-flex h-10 items-center rounded-xl border border-line px-4 font-medium hover:bg-sunken"
          href="/verify.html"
          download
        >
          {t("Download the offline verifier")}
        </a>
      </div>
    </>
  );
}

/** Ingest: how far it is behind, and what did not get into the log. */
function Said({ health }: { health: LogHealth }) {
  const { signed_at, waiting_messages, waiting_events, looked_at, missing, kept_apart, conflicts, witness_alarms } =
    health;
  const waiting = waiting_messages + waiting_events;
  return (
    <ul aria-label={t("Ingest")} className="flex flex-col gap-1">
      <Line good={signed_at !== undefined && signed_at !== null}>
        {signed_at ? t("Last checkpoint: {time}.", { time: instant(signed_at) }) : t("No checkpoint was ever signed.")}
      </Line>
      <Line good={waiting <= WAITS_MAX}>
        {waiting === 0
          ? t("Nothing waits for the log.")
          : t("{messages} messages and {events} events wait for the log.", {
              messages: waiting_messages,
              events: waiting_events,
            })}
      </Line>
      <Line good={missing === 0}>
        {missing === 0
          ? t("No gap in the newest {count} messages.", { count: looked_at })
          : t("{missing} of the newest {count} messages are neither in the log nor kept apart.", {
              missing,
              count: looked_at,
            })}
      </Line>
      <Line good={kept_apart === 0}>
        {kept_apart === 0
          ? t("Nothing was kept apart.")
          : plural(
              kept_apart,
              "One was kept apart: not of its format, or in conflict with what is stored.",
              "{count} were kept apart: not of their format, or in conflict with what is stored.",
            )}
      </Line>
      <Line good={conflicts === 0}>
        {conflicts === 0
          ? t("No conflict.")
          : plural(
              conflicts,
              "One came with a number, or an id, that another message has.",
              "{count} came with a number, or an id, that another message has.",
            )}
      </Line>
      <Line good={witness_alarms === 0}>
        {witness_alarms === 0
          ? t("No alarm of a witness.")
          : plural(witness_alarms, "Once a witness saw another log.", "{count} times a witness saw another log.")}
      </Line>
    </ul>
  );
}

function Line({ good, children }: { good: boolean; children: ReactNode }) {
  return (
    <li className={`flex gap-1.5 ${good ? "" : "text-warn"}`}>
      {good ? (
        <CircleCheck role="img" aria-label={t("good")} className="mt-0.5 size-4 shrink-0 text-accent" />
      ) : (
        <TriangleAlert role="img" aria-label={t("look at this")} className="mt-0.5 size-4 shrink-0" />
      )}
      <span className="min-w-0 break-words">{children}</span>
    </li>
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-3 rounded-card border border-line bg-surface p-4">
      <h2 className="font-semibold">{title}</h2>
      {children}
    </section>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: Error | null;
}

function Answer<T>({ query: { data, error }, children }: { query: Asked<T>; children: (data: T) => ReactNode }) {
  if (error) return <p role="alert">{sentenceOf(error)}</p>;
  if (data === undefined) return <p role="status">{t("Checking …")}</p>;
  return children(data);
}

function Facts({ facts }: { facts: [string, string][] }) {
  return (
    <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[max-content_1fr]">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="font-mono break-all">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface Witnessed {
  found: { name: string; cosigned: boolean }[];
  checkpoint: Checkpoint | undefined;
}

/** The witnesses that the log names, and whether their cosignatures verify here. */
async function witnessed(): Promise<Witnessed> {
  const { witnesses } = await officers.auditPolicy();
  if (!witnesses || witnesses.length === 0) return { found: [], checkpoint: undefined };
  // Until all have cosigned one there is none of that kind.
  const checkpoint = await api.checkpoint(true).catch(() => undefined);
  const lines = (checkpoint?.cosignatures ?? []).map(({ line }) => line);
  const found = witnesses.map(async (vkey) => ({
    name: nameOf(vkey),
    cosigned: checkpoint !== undefined && (await isCosigned(checkpoint.note, lines, vkey)),
  }));
  return { found: await Promise.all(found), checkpoint };
}
