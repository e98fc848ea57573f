import { KeyRound } from "lucide-react";
import { useState } from "react";
import type { ComplianceStep, CoreState } from "../../core/model";
import { fullTimeOf } from "../../shared/format";
import { t } from "../../shared/i18n";
import { useNow } from "../../shared/use-now";
import { Line } from "./banner";

/** Which next key this browser's person knows of. */
const KNOWN = "sealcast.next-key";

/** That the compliance key or the log is not what it should be, or that another compliance key comes. */
export function Notices({ compliance, log }: Pick<CoreState, "compliance" | "log">) {
  const newest = compliance.state === "pinned" && compliance.chain.at(-1);
  return (
    <>
      {compliance.state === "changed" && (
        <Line tone="danger">
          {t(
            "The organisation’s compliance key is not the one this device knows. Sending is paused until it is explained.",
          )}
        </Line>
      )}
      {newest && <NextKey next={newest} />}
      {log.state === "broken" && (
        <Line tone="danger">
          {t("The audit log contradicts itself: {why}.", { why: t(log.why, { who: log.who ?? "" }) })}
        </Line>
      )}
    </>
  );
}

/** Until somebody has taken note of it, or its time has come. */
function NextKey({ next }: { next: ComplianceStep }) {
  const [known, setKnown] = useState(() => localStorage.getItem(KNOWN));
  const now = useNow(60_000);
  if (known === next.fingerprint || next.from <= now) return null;
  return (
    <Line tone="calm">
      <KeyRound className="size-4 shrink-0" aria-hidden="true" />
      <span className="grow">
        {t(
          "From {date} on messages are encrypted to your organisation’s next compliance key. The key of today has signed it; the settings show both.",
          { date: fullTimeOf(next.from) },
        )}
      </span>
      <button
        type="button"
        className="shrink-0 font-semibold whitespace-nowrap underline-offset-4 hover:underline"
        onClick={() => {
          localStorage.setItem(KNOWN, next.fingerprint);
          setKnown(next.fingerprint);
        }}
      >
        {t("Got it")}
      </button>
    </Line>
  );
}
