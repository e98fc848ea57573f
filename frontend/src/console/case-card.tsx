import { type ReactNode, useState } from "react";
import { officers } from "../api/officers";
import type { Approval } from "../api/types";
import { Button } from "../ui/button";
import { Select, TextInput } from "./inputs";
import { Person, ScopeText } from "./names";
import type { Officer } from "./officer";
import type { Place } from "./place";
import { go, hrefOf } from "./url";
import { ACTIONS, type Action, type KnownCase, when } from "./words";

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
      aria-label={`Case ${number}`}
      className="flex flex-col gap-3 rounded-card border border-line bg-surface p-4"
    >
      <div className="flex flex-wrap items-center gap-3">
        <h2 className="font-semibold">{number}</h2>
        <p className="text-sm text-muted">{stateOf(one, asOf)}</p>
        <div className="ml-auto flex flex-wrap gap-2">
          {open && (
            <>
              <PlaceLink to={{ view: "messages", query: { case: case_id, order: "newest_first" } }}>
                See its messages
              </PlaceLink>
              <PlaceLink to={{ view: "exports", query: { case: case_id, order: "newest_first" } }}>Export</PlaceLink>
              <PlaceLink to={{ view: "holds", query: { case: case_id, order: "newest_first" } }}>Hold</PlaceLink>
            </>
          )}
          <PlaceLink to={{ view: "report", query: { case: case_id, order: "newest_first" } }}>Report</PlaceLink>
        </div>
      </div>
      <CaseFacts one={one} />
      {one.approvals.length > 0 && (
        <ul aria-label="Consents" className="flex flex-col gap-2">
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
    ["Reason", one.reason],
    ["Legal basis", one.legal_basis],
    ["Reaches", <ScopeText key="scope" scope={one.scope} />],
    [
      "Opened",
      <span key="opened">
        {when(one.opened_at)} by <Person id={one.opened_by} />, leaf {one.leaf_index}
      </span>,
    ],
    ["People concerned are told", one.sealed_until ? `from ${when(one.sealed_until)} on` : "at once"],
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
  if (closed_at) return `closed ${when(closed_at)}`;
  if (open) {
    const days = Math.ceil((Date.parse(expires_at) - asOf) / 86_400_000);
    return `open until ${when(expires_at)} (${days} ${days === 1 ? "day" : "days"} left)`;
  }
  return `ended ${when(expires_at)}`;
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
      aria-label={`Ask for consent in ${one.number}`}
      className="flex flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason) void ask();
      }}
    >
      <Select
        label="Ask for consent to"
        value={action}
        onChange={(name) => setAction(name as Action)}
        options={NAMES.map((name) => [name, ACTIONS[name]] as const)}
      />
      <TextInput label="Reason" value={reason} onChange={setReason} />
      <Button type="submit" disabled={!reason}>
        Ask
      </Button>
    </form>
  );
}

function Close({ one, after }: Pick<Props, "one" | "after">) {
  const [note, setNote] = useState("");
  return (
    <details>
      <summary className="cursor-pointer text-sm font-medium">Close this case</summary>
      <form
        aria-label={`Close ${one.number}`}
        className="mt-2 flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (note) void after(officers.closeCase(one.case_id, note));
        }}
      >
        <TextInput label="What came of it" value={note} onChange={setNote} />
        <Button type="submit" variant="danger" disabled={!note}>
          Close it for good
        </Button>
      </form>
      <p className="mt-1 text-sm text-muted">
        Nothing can be read in it afterwards. Its holds stay until they are released.
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
        <Person id={requested_by} /> asks to <span className="font-medium">{ACTIONS[action]}</span> (
        {when(requested_at)}): {approval.reason}
      </p>
      {decision ? (
        <p>
          <span className={decision.granted ? "font-medium text-accent" : "font-medium text-danger"}>
            {decision.granted ? "Granted" : "Refused"}
          </span>{" "}
          by <Person id={decision.by} /> ({when(decision.at)}): {decision.reason}
          {decision.granted && `. Valid until ${when(decision.valid_until)}; whoever granted it cannot use it.`}
        </p>
      ) : !one.open && action !== "release_hold" ? (
        <p className="text-muted">Never decided.</p>
      ) : mine ? (
        <p className="text-muted">Waits for a second officer: you cannot consent to what you asked for.</p>
      ) : (
        <form
          aria-label={`Decide about ${ACTIONS[action]}`}
          className="flex flex-wrap items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (reason) decide(true);
          }}
        >
          <TextInput label="Why you consent or refuse" value={reason} onChange={setReason} />
          <Button type="submit" variant="primary" disabled={!reason}>
            Consent
          </Button>
          <Button disabled={!reason} onClick={() => decide(false)}>
            Refuse
          </Button>
        </form>
      )}
    </li>
  );
}
