import { CloudOff, RefreshCw, ShieldAlert } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import type { Connection } from "../../core/stream/reader";
import { core } from "../../shared/core-client";
import { useCore } from "../../shared/core-store";
import { useNow } from "../../shared/use-now";

/** One calm line above the timeline, only while something is wrong. */
export function ConnectionBanner() {
  const state = useCore((store) => store.core);
  if (!state) return null;
  return (
    <>
      <ConnectionLine connection={state.connection} />
      {state.compliance.state === "changed" && (
        <Line tone="danger">
          The organisation’s compliance key is not the one this device knows. Sending is paused until it is explained.
        </Line>
      )}
      {state.log.state === "broken" && <Line tone="danger">The audit log contradicts itself: {state.log.why}.</Line>}
    </>
  );
}

function ConnectionLine({ connection }: { connection: Connection }) {
  if (connection.state === "open" || connection.state === "closed" || connection.state === "unauthorized") return null;
  if (connection.state === "connecting") return <SlowLine />;
  return (
    <Line tone="warn">
      <CloudOff className="size-4 shrink-0" aria-hidden="true" />
      <span className="grow">
        {connection.state === "offline" ? "You are offline." : <NextTry until={connection.until} />} What you write is
        sent later.
      </span>
      <button
        type="button"
        className="shrink-0 font-semibold whitespace-nowrap underline-offset-4 hover:underline"
        onClick={() => void core.wake(true)}
      >
        Try now
      </button>
    </Line>
  );
}

function NextTry({ until }: { until: number }) {
  const now = useNow(500);
  return <>Connection lost. Next try in {Math.max(0, Math.ceil((until - now) / 1_000))} s.</>;
}

/** Connecting is only worth a word when it takes a while. */
function SlowLine() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 1_500);
    return () => clearTimeout(timer);
  }, []);
  if (!slow) return null;
  return (
    <Line tone="warn">
      <RefreshCw className="size-4 shrink-0 animate-spin" aria-hidden="true" /> Connecting…
    </Line>
  );
}

function Line({ tone, children }: { tone: "warn" | "danger"; children: ReactNode }) {
  const colours = tone === "warn" ? "bg-warn-soft text-warn" : "bg-danger-soft text-danger";
  return (
    <div role="status" className={`flex items-center gap-2.5 px-4 py-2 text-sm ${colours}`}>
      {tone === "danger" && <ShieldAlert className="size-4 shrink-0" aria-hidden="true" />}
      {children}
    </div>
  );
}
