import type { ReactNode } from "react";
import type { Compliance, LogState, Me } from "../../core/model";
import { useCore } from "../../shared/core-store";
import { fingerprintOf } from "../../shared/format";

/** The keys that this client relies on, and what it found out about the audit log. */
export function Trust({ me }: { me: Me }) {
  const state = useCore((store) => store.core);
  return (
    <dl className="grid gap-4 text-sm">
      <Row name="Your key">
        <Fingerprint hex={me.fingerprint} />
        Others see it under Members, where they can compare it with you.
      </Row>
      <Row name="The organisation’s compliance key">{state && <ComplianceKey compliance={state.compliance} />}</Row>
      <Row name="The audit log">{state && <Log log={state.log} />}</Row>
    </dl>
  );
}

function ComplianceKey({ compliance }: { compliance: Compliance }) {
  if (compliance.state === "unknown") return "The organisation has none yet, so nothing can be sent.";
  if (compliance.state === "changed") {
    return (
      <>
        <Fingerprint hex={compliance.pinned} />
        The server offers another one. Sending is paused until an administrator explains why.
      </>
    );
  }
  return (
    <>
      <Fingerprint hex={compliance.fingerprint} />
      Every message is also encrypted to it.{" "}
      {compliance.by === "invite"
        ? "Your invite link spelled it, so the server could not replace it."
        : "It was taken from the server when this device first signed in; compare it with your administrator."}
    </>
  );
}

function Log({ log }: { log: LogState }) {
  if (log.state === "unchecked") return "Not checked yet: that happens with your first message.";
  if (log.state === "broken") return `It contradicts itself: ${log.why}. Tell your administrator.`;
  return `Consistent over ${log.size.toLocaleString()} entries: it has only grown since this device first looked.`;
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="font-medium">{name}</dt>
      <dd className="mt-0.5 text-muted">{children}</dd>
    </div>
  );
}

function Fingerprint({ hex }: { hex: string }) {
  return <p className="my-1 font-mono text-xs leading-relaxed break-words text-ink">{fingerprintOf(hex)}</p>;
}
