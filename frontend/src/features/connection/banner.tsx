import { CloudOff, RefreshCw, ShieldAlert } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import type { Connection } from "../../core/stream/reader";
import { core } from "../../shared/core-client";
import { useCore } from "../../shared/core-store";
import { t } from "../../shared/i18n";
import { useNow } from "../../shared/use-now";
import { late } from "../../ui/late";

const Notices = late(async () => (await import("./notices")).Notices);

/** One calm line above the timeline, only while something is wrong. */
export function ConnectionBanner() {
  const state = useCore((store) => store.core);
  if (!state) return null;
  const { connection, compliance, log } = state;
  const changes = compliance.state === "pinned" ? compliance.chain.length > 1 : compliance.state === "changed";
  return (
    <>
      <ConnectionLine connection={connection} />
      {(changes || log.state === "broken") && <Notices compliance={compliance} log={log} />}
    </>
  );
}

/** What heals by itself this soon is not worth a word. */
const CALM_MS = 3_000;
const BACK_MS = 2_500;

function ConnectionLine({ connection }: { connection: Connection }) {
  const ended = connection.state === "closed" || connection.state === "unauthorized";
  const lost = connection.state !== "open" && !ended;
  const said = useSaid(lost);
  if (ended || said === "nothing") return null;
  if (said === "back") return <Line tone="calm">{t("Back online.")}</Line>;
  if (connection.state === "connecting" || connection.state === "open") {
    return (
      <Line tone="warn">
        <RefreshCw className="size-4 shrink-0 animate-spin" aria-hidden="true" />{" "}
        {t("Connecting… What you write is sent later.")}
      </Line>
    );
  }
  return (
    <Line tone="warn">
      <CloudOff className="size-4 shrink-0" aria-hidden="true" />
      <span className="grow">
        {connection.state === "offline" ? t("You are offline.") : <NextTry until={connection.until} />}{" "}
        {t("What you write is kept here, encrypted, and sent later.")}
      </span>
      <button
        type="button"
        className="shrink-0 font-semibold whitespace-nowrap underline-offset-4 hover:underline"
        onClick={() => void core.wake(true)}
      >
        {t("Try now")}
      </button>
    </Line>
  );
}

/** Nothing at first; then that the connection is lost; and, if that was said, for a moment that it is back. */
function useSaid(lost: boolean): "nothing" | "lost" | "back" {
  const [said, setSaid] = useState<"nothing" | "lost" | "back">("nothing");
  useEffect(() => {
    const timer = setTimeout(
      () => setSaid((before) => (lost ? "lost" : before === "lost" ? "back" : "nothing")),
      lost ? CALM_MS : 0,
    );
    const gone = lost ? undefined : setTimeout(() => setSaid("nothing"), BACK_MS);
    return () => {
      clearTimeout(timer);
      clearTimeout(gone);
    };
  }, [lost]);
  return said;
}

function NextTry({ until }: { until: number }) {
  const now = useNow(500);
  return t("Connection lost. Next try in {seconds} s.", { seconds: Math.max(0, Math.ceil((until - now) / 1_000)) });
}

const TONES = {
  calm: "bg-accent-soft text-ink",
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
};

export function Line({ tone, children }: { tone: keyof typeof TONES; children: ReactNode }) {
  return (
    <div role="status" className={`flex items-center gap-2.5 px-4 py-2 text-sm ${TONES[tone]}`}>
      {tone === "danger" && <ShieldAlert className="size-4 shrink-0" aria-hidden="true" />}
      {children}
    </div>
  );
}
