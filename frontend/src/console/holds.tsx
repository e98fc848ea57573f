import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { officers } from "../api/officers";
import type { Hold } from "../api/types";
import { Button } from "../ui/button";
import { ApprovalRow } from "./case-card";
import { useCases } from "./cases-query";
import { Select, TextInput } from "./inputs";
import { Done, ScopeText } from "./names";
import { rich } from "../shared/rich";
import type { Officer } from "./officer";
import { Retention } from "./retention";
import { NO_SCOPE, ScopeFields, scopeOf, useScopeTexts } from "./scope-form";
import { type KnownCase, hasConsent, sentenceOf } from "./words";
import { t } from "../shared/i18n";

type After = (change: Promise<unknown>) => Promise<boolean>;

/** What must not be destroyed, and what is destroyed when. */
export function Holds({ officer, caseId }: { officer: Officer; caseId: string | undefined }) {
  const holds = useHolds();
  const cases = useCases();
  const [error, setError] = useState("");
  const after: After = async (change) => {
    setError("");
    const done = await change.then(
      () => true,
      (failure: unknown) => {
        setError(sentenceOf(failure));
        return false;
      },
    );
    await Promise.all([holds.refetch(), cases.refetch()]);
    return done;
  };
  const failure = holds.error ?? cases.error;
  if (failure) return <p role="alert">{sentenceOf(failure)}</p>;
  if (!holds.data || !cases.data) return <p role="status">{t("Loading …")}</p>;
  const known = new Map(cases.data.map((one) => [one.case_id, one]));
  const active = holds.data.filter(({ release }) => !release);
  const released = holds.data.filter(({ release }) => release);
  return (
    <>
      {error && (
        <p role="alert" className="text-danger">
          {error}
        </p>
      )}
      <section aria-label={t("Holds")} className="flex flex-col gap-3">
        <h2 className="text-lg font-semibold">{t("Holds")}</h2>
        <p className="text-sm text-muted">
          {t(
            "A hold keeps messages from being destroyed, whatever retention says. It gives nobody access, it keeps whole days, and it stays when its case ends, until it is released.",
          )}
        </p>
        <NewHold cases={cases.data} caseId={caseId} after={after} />
        {active.length === 0 && <p>{t("Nothing is held: retention destroys whatever its rules say.")}</p>}
        {active.map((hold) => (
          <HoldCard
            key={hold.hold_id}
            hold={hold}
            one={known.get(hold.case_id)}
            asOf={cases.dataUpdatedAt}
            officer={officer}
            after={after}
          />
        ))}
        {released.length > 0 && (
          <details>
            <summary className="cursor-pointer font-medium">
              {t("Released ({count})", { count: released.length })}
            </summary>
            <div className="mt-2 flex flex-col gap-3">
              {released.map((hold) => (
                <HoldCard
                  key={hold.hold_id}
                  hold={hold}
                  one={known.get(hold.case_id)}
                  asOf={cases.dataUpdatedAt}
                  officer={officer}
                  after={after}
                />
              ))}
            </div>
          </details>
        )}
      </section>
      <Retention holds={active} />
    </>
  );
}

const PAGES_MAX = 50;

/** All holds, newest first. */
export function useHolds() {
  return useQuery({
    queryKey: ["holds"],
    staleTime: 0,
    queryFn: async () => {
      const items: Hold[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < PAGES_MAX; page++) {
        const found = await officers.holds(cursor);
        items.push(...found.items);
        cursor = found.next_cursor ?? undefined;
        if (!cursor) break;
      }
      return items;
    },
  });
}

function NewHold({ cases, caseId, after }: { cases: KnownCase[]; caseId: string | undefined; after: After }) {
  const open = cases.filter((one) => one.open);
  const [chosen, setChosen] = useState(caseId ?? "");
  const [scope, setScope] = useScopeTexts();
  const [reason, setReason] = useState("");
  const ready = reason !== "" && open.some(({ case_id }) => case_id === chosen);
  const place = async (): Promise<void> => {
    const body = async () => officers.placeHold(chosen, { scope: await scopeOf(scope), reason });
    if (await after(body())) {
      setScope(NO_SCOPE);
      setReason("");
    }
  };
  return (
    <details className="rounded-card border border-line bg-surface p-4">
      <summary className="cursor-pointer font-semibold">{t("Place a hold")}</summary>
      <form
        aria-label={t("New hold")}
        className="mt-3 flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void place();
        }}
      >
        <Select
          label={t("Case")}
          value={chosen}
          onChange={setChosen}
          options={[
            ["", open.length === 0 ? t("No case is open") : t("Choose …")],
            ...open.map((one) => [one.case_id, one.number] as const),
          ]}
        />
        <TextInput label={t("Reason")} value={reason} onChange={setReason} />
        <ScopeFields texts={scope} onChange={setScope} />
        <Button type="submit" variant="primary" disabled={!ready}>
          {t("Place it")}
        </Button>
      </form>
      <p className="mt-2 text-sm text-muted">
        {t(
          "A hold on people keeps every day of every room on which one of them wrote. It holds at once; what was destroyed before it cannot come back.",
        )}
      </p>
    </details>
  );
}

interface CardProps {
  hold: Hold;
  one: KnownCase | undefined;
  asOf: number;
  officer: Officer;
  after: After;
}

function HoldCard({ hold, one, asOf, officer, after }: CardProps) {
  const { scope, reason, placed_by, placed_at, leaf_index, release } = hold;
  const asked = one?.approvals.filter(({ action }) => action === "release_hold") ?? [];
  return (
    <section
      aria-label={t("Hold of case {number}", { number: one?.number ?? "" })}
      className="flex flex-col gap-2 rounded-card border border-line bg-surface p-4"
    >
      <h3 className="font-semibold">
        <ScopeText scope={scope} />
      </h3>
      <p>
        {reason} <span className="text-muted">({t("case {number}", { number: one?.number ?? hold.case_id })})</span>
      </p>
      <p className="text-sm text-muted">
        {rich("Placed {done}", { done: <Done at={placed_at} by={placed_by} leaf={leaf_index} /> })}
      </p>
      {release ? (
        <p className="text-sm">
          {rich("Released {done}", { done: <Done at={release.at} by={release.by} leaf={release.leaf_index} /> })}:{" "}
          {release.reason}
        </p>
      ) : (
        <>
          {one && asked.length > 0 && (
            <ul aria-label={t("Consents to a release")} className="flex flex-col gap-2">
              {asked.map((approval) => (
                <ApprovalRow key={approval.approval_id} approval={approval} one={one} officer={officer} after={after} />
              ))}
            </ul>
          )}
          {one && <Release hold={hold} one={one} asOf={asOf} officer={officer} after={after} />}
        </>
      )}
    </section>
  );
}

/** Asks first, where the policy wants a second officer; releases once one has consented. */
function Release({ hold, one, asOf, officer, after }: CardProps & { one: KnownCase }) {
  const policy = useQuery({ queryKey: ["policy"], queryFn: officers.auditPolicy });
  const [reason, setReason] = useState("");
  if (!policy.data) return null;
  const mayRelease =
    !policy.data.four_eyes.includes("release_hold") || hasConsent(one, "release_hold", officer.user_id, asOf);
  const act = async (): Promise<void> => {
    const change = mayRelease
      ? officers.releaseHold(hold.hold_id, reason)
      : officers.requestApproval(one.case_id, { action: "release_hold", reason });
    if (await after(change)) setReason("");
  };
  return (
    <details>
      <summary className="cursor-pointer text-sm font-medium">{t("Release this hold")}</summary>
      <form
        aria-label={t("Release the hold of {number}", { number: one.number })}
        className="mt-2 flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (reason) void act();
        }}
      >
        <TextInput
          label={mayRelease ? t("Why it is released") : t("Why it shall be released")}
          value={reason}
          onChange={setReason}
        />
        <Button type="submit" variant={mayRelease ? "danger" : "secondary"} disabled={!reason}>
          {mayRelease ? t("Release it") : t("Ask a second officer")}
        </Button>
      </form>
      <p className="mt-1 text-sm text-muted">
        {mayRelease
          ? t("Retention goes on where it stood: what is older than its rule is destroyed soon, for good.")
          : t(
              "A second officer has to consent first. The consent is to releases in this case; whoever gives it cannot use it.",
            )}
      </p>
    </details>
  );
}
