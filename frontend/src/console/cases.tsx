import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client";
import type { Approval, Case } from "../api/types";
import { Button } from "../ui/button";
import { NewCaseForm } from "./new-case";

const ACTIONS = ["query", "decrypt", "export", "release_hold"] as const;

interface Props {
  officer: string;
  /** Goes to the messages that a case is about. */
  onUse: (caseId: string) => void;
}

/** Cases with what was asked and decided; a second officer consents here. */
export function Cases({ officer, onUse }: Props) {
  const cases = useQuery({ queryKey: ["cases"], staleTime: 0, queryFn: listCases });
  const policy = useQuery({ queryKey: ["policy"], queryFn: api.auditPolicy });
  const [error, setError] = useState("");
  const after = async (change: Promise<unknown>): Promise<void> => {
    setError("");
    try {
      await change;
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
    }
    await cases.refetch();
  };
  if (cases.isPending) return <p role="status">Loading …</p>;
  if (cases.error) return <p role="alert">{cases.error.message}</p>;
  return (
    <>
      {error && (
        <p role="alert" className="text-danger">
          {error}
        </p>
      )}
      <p className="text-sm text-muted">
        A second officer has to consent to:{" "}
        {policy.data?.four_eyes.map((action) => action.replace("_", " ")).join(", ") ?? "…"}.
      </p>
      <NewCaseForm onOpen={(made) => after(api.openCase(made))} />
      {cases.data.map((one) => (
        <CaseCard key={one.case_id} one={one} officer={officer} onUse={onUse} after={after} />
      ))}
    </>
  );
}

interface CardProps extends Props {
  one: OpenOrNot;
  after: (change: Promise<unknown>) => Promise<void>;
}

/** Whether anything may still be done in it, when it was asked. */
type OpenOrNot = Case & { open: boolean };

async function listCases(): Promise<OpenOrNot[]> {
  const { items } = await api.cases();
  return items.map((one) => ({ ...one, open: !one.closed_at && Date.parse(one.expires_at) > Date.now() }));
}

function CaseCard({ one, officer, onUse, after }: CardProps) {
  const [reason, setReason] = useState("");
  const [action, setAction] = useState<(typeof ACTIONS)[number]>("query");
  const { open } = one;
  const reasonId = `reason-${one.case_id}`;
  return (
    <section
      aria-label={`Case ${one.number}`}
      className="flex flex-col gap-2 rounded-card border border-line bg-surface p-4"
    >
      <div className="flex flex-wrap items-center gap-3">
        <h2 className="font-semibold">{one.number}</h2>
        <p className="text-sm text-muted">
          {open ? `open until ${one.expires_at.slice(0, 10)}` : "closed"} · leaf {one.leaf_index}
        </p>
        {open && (
          <Button size="sm" className="ml-auto" onClick={() => onUse(one.case_id)}>
            See its messages
          </Button>
        )}
      </div>
      <p>
        {one.reason} <span className="text-muted">({one.legal_basis})</span>
      </p>
      <ul className="flex flex-col gap-1">
        {one.approvals.map((approval) => (
          <ApprovalRow
            key={approval.approval_id}
            approval={approval}
            mine={approval.requested_by === officer}
            open={open}
          >
            {(granted) =>
              after(api.decideApproval(one.case_id, approval.approval_id, { granted, reason: reason || "as asked" }))
            }
          </ApprovalRow>
        ))}
      </ul>
      {open && (
        <form
          className="flex flex-wrap items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            void after(api.requestApproval(one.case_id, { action, reason }));
          }}
        >
          <label className="flex flex-col gap-1 text-sm" htmlFor={`action-${one.case_id}`}>
            Ask for consent to
            <select
              id={`action-${one.case_id}`}
              className="h-10 rounded-xl border border-line bg-canvas px-2"
              value={action}
              onChange={(event) => setAction(event.target.value as typeof action)}
            >
              {ACTIONS.map((name) => (
                <option key={name} value={name}>
                  {name.replace("_", " ")}
                </option>
              ))}
            </select>
          </label>
          <label className="flex grow flex-col gap-1 text-sm" htmlFor={reasonId}>
            Reason
            <input
              id={reasonId}
              className="h-10 rounded-xl border border-line bg-canvas px-3"
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
          <Button type="submit" disabled={!reason}>
            Ask
          </Button>
        </form>
      )}
    </section>
  );
}

interface ApprovalProps {
  approval: Approval;
  mine: boolean;
  open: boolean;
  children: (granted: boolean) => Promise<void>;
}

function ApprovalRow({ approval, mine, open, children: decide }: ApprovalProps) {
  const { action, reason, decision } = approval;
  const verdict = decision ? (decision.granted ? "granted" : "refused") : "waits for a second officer";
  return (
    <li className="flex flex-wrap items-center gap-2 text-sm">
      <span>
        <span className="font-medium">{action.replace("_", " ")}</span>: {reason} — {verdict}
      </span>
      {!decision && open && !mine && (
        <>
          <Button size="sm" variant="primary" onClick={() => void decide(true)}>
            Consent
          </Button>
          <Button size="sm" onClick={() => void decide(false)}>
            Refuse
          </Button>
        </>
      )}
    </li>
  );
}
