import { type ReactNode, useState } from "react";
import { officers } from "../api/officers";
import type { Approval } from "../api/types";
import { Button } from "../ui/button";
import { Select, TextInput } from "./inputs";
import { Done, Person, ScopeText } from "./names";
import type { Officer } from "./officer";
import type { Place } from "./place";
import { go, hrefOf } from "./url";
import { ACTIONS, type Action, type KnownCase, actionName, periodOf, when } from "./words";
import { rich } from "../shared/rich";
import { plural, t } from "../shared/i18n";

interface Props {
  one: KnownCase;
  officer: Officer;
  /** When the cases were read. */
  asOf: number;
  /** Waits for a change and reads the cases again. */
  after: (change: Promise<unknown>) => Promise<boolean>;
}

const NAMES = Object.keys(ACTIONS) as Action[];

export function CaseCard({ one, officer, asOf, after }: Props) {
  const { open, case_id, number } = one;
  return (
    <section
      aria-label={t("Case {number}", { number })}
      className="flex flex-col gap-3 rounded-card border border-line bg-surface p-4"
    >
      <div className="flex flex-wrap items-center gap-3">
        <h2 className="font-semibold">{number}</h2>
        <p className="text-sm text-muted">{stateOf(one, asOf)}</p>
        <div className="ml-auto flex flex-wrap gap-2">
          {open && (
            <>
              <PlaceLink to={{ view: "messages", query: { case: case_id, order: "newest_first" } }}>
                {t("See its messages")}
              </PlaceLink>
              <PlaceLink to={{ view: "exports", query: { case: case_id, order: "newest_first" } }}>
                {t("Export")}
              </PlaceLink>
              <PlaceLink to={{ view: "holds", query: { case: case_id, order: "newest_first" } }}>{t("Hold")}</PlaceLink>
            </>
          )}
          <PlaceLink to={{ view: "report", query: { case: case_id, order: "newest_first" } }}>{t("Report")}</PlaceLink>
        </div>
      </div>
      <CaseFacts one={one} />
      {one.approvals.length > 0 && (
        <ul aria-label={t("Consents")} className="flex flex-col gap-2">
          {one.approvals.map((approval) => (
            <ApprovalRow key={approval.approval_id} approval={approval} one={one} officer={officer} after={after} />
          ))}
        </ul>
      )}
      {open && <Ask one={one} after={after} />}
      {open && <Close one={one} after={after} />}
    </section>
  );
}

/** Why, about what, and until when: what a second officer has to know before consenting. */
export function CaseFacts({ one }: { one: KnownCase }) {
  const facts: [string, ReactNode][] = [
    [t("Reason"), one.reason],
    [t("Legal basis"), one.legal_basis],
    [t("Reaches"), <ScopeText key="scope" scope={one.scope} />],
    [t("Opened"), <Done key="opened" at={one.opened_at} by={one.opened_by} leaf={one.leaf_index} />],
    [t("People concerned are told"), one.sealed_until ? periodOf({ from: one.sealed_until, to: null }) : t("at once")],
  ];
  return (
    <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[max-content_1fr]">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function stateOf({ open, closed_at, expires_at }: KnownCase, asOf: number): string {
  if (closed_at) return t("closed {time}", { time: when(closed_at) });
  if (open) {
    const days = Math.ceil((Date.parse(expires_at) - asOf) / 86_400_000);
    const time = when(expires_at);
    return plural(days, "open until {time} ({count} day left)", "open until {time} ({count} days left)", { time });
  }
  return t("ended {time}", { time: when(expires_at) });
}

/** A link within the console: it keeps what is loaded, and opens in a tab of its own like any other. */
export function PlaceLink({ to, children }: { to: Place; children: ReactNode }) {
  return (
    <a
      className="inline-flex h-8 items-center rounded-xl border border-line bg-surface px-3 text-sm font-medium hover:bg-sunken pointer-coarse:min-h-11"
      href={hrefOf(to)}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}

function Ask({ one, after }: Pick<Props, "one" | "after">) {
  const [action, setAction] = useState<Action>("query");
  const [reason, setReason] = useState("");
  const ask = async () => {
    if (await after(officers.requestApproval(one.case_id, { action, reason }))) setReason("");
  };
  return (
    <form
      aria-label={t("Ask for consent in {number}", { number: one.number })}
      className="flex flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason) void ask();
      }}
    >
      <Select
        label={t("Ask for consent to")}
        value={action}
        onChange={(name) => setAction(name as Action)}
        options={NAMES.map((name) => [name, actionName(name)] as const)}
      />
      <TextInput label={t("Reason")} value={reason} onChange={setReason} />
      <Button type="submit" disabled={!reason}>
        {t("Ask")}
      </Button>
    </form>
  );
}

function Close({ one, after }: Pick<Props, "one" | "after">) {
  const [note, setNote] = useState("");
  return (
    <details>
      <summary className="cursor-pointer text-sm font-medium">{t("Close this case")}</summary>
      <form
        aria-label={t("Close {number}", { number: one.number })}
        className="mt-2 flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (note) void after(officers.closeCase(one.case_id, note));
        }}
      >
        <TextInput label={t("What came of it")} value={note} onChange={setNote} />
        <Button type="submit" variant="danger" disabled={!note}>
          {t("Close it for good")}
        </Button>
      </form>
      <p className="mt-1 text-sm text-muted">
        {t("Nothing can be read in it afterwards. Its holds stay until they are released.")}
      </p>
    </details>
  );
}

interface ApprovalProps {
  approval: Approval;
  one: KnownCase;
  officer: Officer;
  after: Props["after"];
}

export function ApprovalRow({ approval, one, officer, after }: ApprovalProps) {
  const [reason, setReason] = useState("");
  const { action, decision, requested_by, requested_at, approval_id } = approval;
  const mine = requested_by === officer.user_id;
  const decide = (granted: boolean) =>
    void after(officers.decideApproval(one.case_id, approval_id, { granted, reason }));
  return (
    <li className="flex flex-col gap-2 rounded-xl bg-sunken p-3 text-sm">
      <p>
        {rich("{person} asks to {action} ({time}): {reason}", {
          person: <Person id={requested_by} />,
          action: <span className="font-medium">{actionName(action)}</span>,
          time: when(requested_at),
          reason: approval.reason,
        })}
      </p>
      {decision ? (
        <p>
          {rich("{verdict} by {person} ({time}): {reason}", {
            verdict: (
              <span className={decision.granted ? "font-medium text-accent" : "font-medium text-danger"}>
                {decision.granted ? t("Granted") : t("Refused")}
              </span>
            ),
            person: <Person id={decision.by} />,
            time: when(decision.at),
            reason: decision.reason,
          })}
          {decision.granted &&
            `. ${t("Valid until {time}; whoever granted it cannot use it.", { time: when(decision.valid_until) })}`}
        </p>
      ) : !one.open && action !== "release_hold" ? (
        <p className="text-muted">{t("Never decided.")}</p>
      ) : mine ? (
        <p className="text-muted">{t("Waits for a second officer: you cannot consent to what you asked for.")}</p>
      ) : (
        <form
          aria-label={t("Decide about {action}", { action: actionName(action) })}
          className="flex flex-wrap items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (reason) decide(true);
          }}
        >
          <TextInput label={t("Why you consent or refuse")} value={reason} onChange={setReason} />
          <Button type="submit" variant="primary" disabled={!reason}>
            {t("Consent")}
          </Button>
          <Button disabled={!reason} onClick={() => decide(false)}>
            {t("Refuse")}
          </Button>
        </form>
      )}
    </li>
  );
}
