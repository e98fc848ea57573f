import type { ReactNode } from "react";
import type { Compliance, LogState, Me } from "../../core/model";
import { useCore } from "../../shared/core-store";
import { fingerprintOf, fullTimeOf, namesOf } from "../../shared/format";
import { plural, t } from "../../shared/i18n";
import { useNow } from "../../shared/use-now";
import { Witnesses } from "./witnesses";

/** The keys that this client relies on, and what it found out about the audit log. */
export function Trust({ me }: { me: Me }) {
  const state = useCore((store) => store.core);
  return (
    <dl className="grid gap-4 text-sm">
      <Row name={t("Your key")}>
        <Fingerprint hex={me.fingerprint} />
        {t("Others see it under Members, where they can compare it with you.")}
      </Row>
      <Row name={t("The organisation’s compliance key")}>
        {state && <ComplianceKey compliance={state.compliance} />}
      </Row>
      <Row name={t("The audit log")}>{state && <Log log={state.log} />}</Row>
      <Row name={t("Witnesses")}>
        <Witnesses />
      </Row>
    </dl>
  );
}

function ComplianceKey({ compliance }: { compliance: Compliance }) {
  if (compliance.state === "unknown") return t("The organisation has none yet, so nothing can be sent.");
  if (compliance.state === "changed") {
    return (
      <>
        <Fingerprint hex={compliance.pinned} />
        {t("The server offers another one. Sending is paused until an administrator explains why.")}
      </>
    );
  }
  return <ComplianceChain {...compliance} />;
}

/** The key in force, and those before and after it: each has signed the next. */
function ComplianceChain({ fingerprint, by, chain }: Extract<Compliance, { state: "pinned" }>) {
  const now = useNow(60_000);
  const pinned = chain.findIndex((step) => step.fingerprint === fingerprint);
  const place = Math.max(
    pinned,
    chain.findLastIndex((step) => step.from <= now),
  );
  const [current, next] = [chain[place], chain[place + 1]];
  const earlier = chain.slice(0, place).toReversed();
  const origin =
    by === "invite"
      ? t("Your invite link spelled it, so the server could not replace it.")
      : t("It was taken from the server when this device first signed in; compare it with your administrator.");
  return (
    <>
      <Fingerprint hex={current?.fingerprint ?? fingerprint} />
      {t("Every message is also encrypted to it.")}{" "}
      {current && current.from > 0 && (
        <>{t("In force since {date}. The key before it has signed it.", { date: fullTimeOf(current.from) })} </>
      )}
      {/* Who took the whole chain from the server has no more than its word for it. */}
      {(by === "first_use" || !current || current.from === 0) && origin}
      {next && (
        <>
          <p className="mt-3">
            {t("From {date} on this one takes its place. The key of today has signed it.", {
              date: fullTimeOf(next.from),
            })}
          </p>
          <Fingerprint hex={next.fingerprint} />
        </>
      )}
      {earlier.length > 0 && (
        <>
          <p className="mt-3">{t("Earlier ones. They open what was written in their time.")}</p>
          {earlier.map((step) => (
            <Fingerprint key={step.fingerprint} hex={step.fingerprint} />
          ))}
        </>
      )}
    </>
  );
}

function Log({ log }: { log: LogState }) {
  if (log.state === "unchecked") return t("Not checked yet: that happens with your first message.");
  if (log.state === "broken")
    return t("It contradicts itself: {why}. Tell your administrator.", { why: t(log.why, { who: log.who ?? "" }) });
  if (log.state === "unwitnessed") {
    return t("Not believed: {names} have not vouched for it. Nothing is shown as logged until they do.", {
      names: namesOf(log.missing),
    });
  }
  const grown = t("Consistent over {size} entries: it has only grown since this device first looked.", {
    size: log.size,
  });
  if (log.witnesses === 0) return grown;
  return `${grown} ${plural(log.witnesses, "One witness says the same.", "{count} witnesses say the same.")}`;
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
