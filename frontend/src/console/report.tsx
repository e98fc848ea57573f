import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { officers } from "../api/officers";
import type { StoredEvent } from "../api/types";
import { Button } from "../ui/button";
import { Check } from "../ui/check";
import { CaseFacts, stateOf } from "./case-card";
import { useCases } from "./cases-query";
import { EntryTable } from "./entries";
import { useHolds } from "./holds";
import { Done, Person, RoomName, ScopeText } from "./names";
import { rich } from "../shared/rich";
import type { Officer } from "./officer";
import { checkedHead } from "./proof";
import { StepList } from "./proof-badge";
import { Text } from "./result-table";
import type { ReadTexts } from "./texts";
import { type KnownCase, actionName, instant, sentenceOf, when } from "./words";
import { plural, t } from "../shared/i18n";

const PAGE = 200;
const PAGES_MAX = 50;

interface Props {
  caseId: string | undefined;
  officer: Officer;
  /** What was read in this window. */
  texts: ReadTexts;
}

/** What was done in a case, for the file: made to be printed, or saved as PDF by the browser. */
export function Report({ caseId, officer, texts }: Props) {
  const cases = useCases();
  const one = cases.data?.find(({ case_id }) => case_id === caseId);
  if (cases.error) return <p role="alert">{sentenceOf(cases.error)}</p>;
  if (!cases.data) return <p role="status">{t("Loading …")}</p>;
  if (!one) return <p>{t("Choose a case under Cases: its report stands there.")}</p>;
  return <CaseReport one={one} asOf={cases.dataUpdatedAt} officer={officer} texts={texts} />;
}

function CaseReport({ one, asOf, officer, texts }: Omit<Props, "caseId"> & { one: KnownCase; asOf: number }) {
  const [withTexts, setWithTexts] = useState(false);
  const holds = useHolds();
  const head = useQuery({ queryKey: ["head", one.case_id], queryFn: checkedHead });
  // Each reading is an entry of the log, so it is read once.
  const entries = useQuery({ queryKey: ["trail", one.case_id], queryFn: () => trailOf(one.case_id) });
  const read = [...texts.values()].filter(({ caseId }) => caseId === one.case_id);
  const made = new Date(entries.dataUpdatedAt || asOf).toISOString();
  const failure = holds.error ?? head.error ?? entries.error;
  const own = holds.data?.filter(({ case_id }) => case_id === one.case_id) ?? [];
  return (
    <article aria-label={t("Report of case {number}", { number: one.number })} className="report flex flex-col gap-5">
      <div className="flex flex-wrap items-center gap-4 rounded-card border border-line bg-surface p-3 print:hidden">
        <Button variant="primary" disabled={!entries.data || !head.data} onClick={() => print()}>
          {t("Print, or save as PDF")}
        </Button>
        {read.length > 0 && (
          <Check
            label={plural(
              read.length,
              "With the text that was read in this window",
              "With the {count} texts that were read in this window",
            )}
            checked={withTexts}
            onChange={setWithTexts}
          >
            {t("Whoever has the paper can read them.")}
          </Check>
        )}
        <Button
          busy={entries.isFetching}
          onClick={() => void Promise.all([holds.refetch(), head.refetch(), entries.refetch()])}
        >
          {t("Read it again")}
        </Button>
        <p className="text-sm text-muted">{t("Reading the trail of a case is an entry of the log, too.")}</p>
      </div>
      <header>
        <h2 className="text-2xl font-semibold">{t("Report of case {number}", { number: one.number })}</h2>
        <p className="text-muted">
          {t("Made {time} by {name}.", { time: instant(made), name: officer.username })}{" "}
          {t(
            "All times are UTC. A leaf is an entry’s number in the audit log, by which anybody who can read the log finds it.",
          )}
        </p>
      </header>
      {failure && <p role="alert">{sentenceOf(failure)}</p>}
      <Section title={t("The case")}>
        <p className="font-medium">{stateOf(one, asOf)}</p>
        <CaseFacts one={one} />
      </Section>
      <Section title={t("Consents")}>
        <Consents one={one} />
      </Section>
      <Section title={t("Holds")}>
        {own.length === 0 && <p>{t("No hold was placed in this case.")}</p>}
        <ul className="flex flex-col gap-1">
          {own.map(({ hold_id, scope, reason, placed_at, placed_by, leaf_index, release }) => (
            <li key={hold_id}>
              <ScopeText scope={scope} />: {reason}.{" "}
              {rich("Placed {done}", { done: <Done at={placed_at} by={placed_by} leaf={leaf_index} /> })};{" "}
              {release ? (
                <>
                  {rich("released {done}", {
                    done: <Done at={release.at} by={release.by} leaf={release.leaf_index} />,
                  })}
                  : {release.reason}
                </>
              ) : (
                t("in force")
              )}
              .
            </li>
          ))}
        </ul>
      </Section>
      <Section title={t("Everything that was done in it")}>
        {entries.data ? (
          <EntryTable
            events={entries.data.events}
            caption={`${plural(
              entries.data.events.length,
              "{count} entry of the log, oldest first.",
              "{count} entries of the log, oldest first.",
            )} ${entries.data.whole ? "" : t("There are more than this report holds.")}`}
            withActor
          />
        ) : (
          <p role="status">{t("Reading …")}</p>
        )}
      </Section>
      {withTexts && (
        <Section title={t("Texts")}>
          <table className="w-full border-collapse text-left text-sm">
            <caption className="sr-only">{t("Texts that were read")}</caption>
            <thead>
              <tr>
                {[t("Accepted"), t("Message"), t("Room"), t("Sender"), t("Leaf"), t("Text")].map((title) => (
                  <th key={title} scope="col" className="p-1.5 font-medium">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {read.map(({ message, disclosed }) => (
                <tr key={message.id} className="border-t border-line align-top">
                  <td className="p-1.5 whitespace-nowrap">{instant(message.accepted_at)}</td>
                  <td className="p-1.5 font-mono">{message.id}</td>
                  <td className="p-1.5">
                    <RoomName id={message.room_id} />
                  </td>
                  <td className="p-1.5">
                    <Person id={message.sender} />
                  </td>
                  <td className="p-1.5 tabular-nums">{message.leaf_index}</td>
                  <td className="p-1.5">
                    <Text disclosed={disclosed} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
      <Section title={t("The log that says so")}>
        {head.data && (
          <>
            <StepList steps={head.data.steps} />
            <p className="break-all">
              {rich("{size} leaves, root {root}, under the key {key}", {
                size: head.data.checkpoint.size,
                root: <code className="font-mono">{head.data.checkpoint.root}</code>,
                key: <code className="font-mono">{head.data.checkpoint.vkey}</code>,
              })}
            </p>
          </>
        )}
      </Section>
      <footer className="mt-6 hidden gap-8 print:flex">
        {[t("Date"), t("Officer"), t("Second officer")].map((title) => (
          <p key={title} className="grow border-t border-ink pt-1 text-sm">
            {title}
          </p>
        ))}
      </footer>
    </article>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-2">
      <h3 className="text-lg font-semibold">{title}</h3>
      {children}
    </section>
  );
}

function Consents({ one }: { one: KnownCase }) {
  if (one.approvals.length === 0) return <p>{t("Nothing was asked for.")}</p>;
  return (
    <ul className="flex flex-col gap-1">
      {one.approvals.map(({ approval_id, action, reason, requested_by, requested_at, decision }) => (
        <li key={approval_id}>
          {rich("To {action}: asked by {person}, {time} ({reason})", {
            action: actionName(action),
            person: <Person id={requested_by} />,
            time: when(requested_at),
            reason,
          })}
          ;{" "}
          {decision ? (
            <>
              {rich("{verdict} by {person}, {time} ({reason})", {
                verdict: decision.granted ? t("granted") : t("refused"),
                person: <Person id={decision.by} />,
                time: when(decision.at),
                reason: decision.reason,
              })}
              {decision.granted && `, ${t("valid until {time}", { time: when(decision.valid_until) })}`}
            </>
          ) : (
            t("not decided")
          )}
          .
        </li>
      ))}
    </ul>
  );
}

/** All that the log holds of a case, oldest first. */
async function trailOf(caseId: string): Promise<{ events: StoredEvent[]; whole: boolean }> {
  const events: StoredEvent[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const after = cursor ? { cursor } : {};
    const found = await officers.auditEvents({ case_id: caseId, order: "oldest_first", limit: PAGE, ...after });
    events.push(...found.items);
    cursor = found.next_cursor ?? undefined;
    if (!cursor) return { events, whole: true };
  }
  return { events, whole: false };
}
