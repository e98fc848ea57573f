import { useEffect, useId, useState } from "react";
import { KEY_LIFETIME_MS } from "../core/disclosure-lifetime";
import { Button } from "../ui/button";
import { LoadedKey } from "./disclosure-client";
import { sentenceOf } from "./words";

const SECOND_MS = 1_000;

interface Props {
  loaded: LoadedKey | undefined;
  /** Whether this view has a use for it; a loaded one is shown everywhere. */
  wanted: boolean;
  onChange: (key: LoadedKey | undefined) => void;
}

/** The compliance key: read from a file by a worker, dropped after ten minutes at the latest. */
export function KeyPanel({ loaded, wanted, onChange }: Props) {
  const id = useId();
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const [until, setUntil] = useState(0);
  const [left, setLeft] = useState(0);

  // The clock is outside of React.
  useEffect(() => {
    if (!loaded) return undefined;
    const tick = () => {
      const rest = until - Date.now();
      setLeft(Math.max(0, Math.ceil(rest / SECOND_MS)));
      if (rest <= 0) {
        loaded.drop();
        onChange(undefined);
      }
    };
    tick();
    const timer = setInterval(tick, SECOND_MS);
    return () => clearInterval(timer);
  }, [loaded, until, onChange]);

  const load = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    setError("");
    setBusy(true);
    try {
      const key = await LoadedKey.load(file);
      setUntil(Date.now() + KEY_LIFETIME_MS);
      onChange(key);
    } catch (failure) {
      setError(sentenceOf(failure));
    }
    setBusy(false);
  };
  const drop = () => {
    loaded?.drop();
    onChange(undefined);
  };

  if (!loaded && !wanted) return null;
  return (
    <section
      aria-label="Compliance key"
      className={`flex flex-wrap items-center gap-3 rounded-card border p-3 print:hidden ${loaded ? "sticky top-2 z-10 border-accent bg-accent-soft" : "border-line bg-surface"}`}
    >
      {loaded ? (
        <>
          <p>
            Key <code className="font-mono">{loaded.fingerprint.slice(0, 16)}…</code> is loaded. It is dropped in{" "}
            <span role="timer" className="font-semibold tabular-nums">
              {Math.floor(left / 60)}:{String(left % 60).padStart(2, "0")}
            </span>
            .
          </p>
          <Button size="sm" onClick={drop}>
            Drop it now
          </Button>
        </>
      ) : (
        <>
          <label htmlFor={id} className="font-medium">
            Compliance key, to read the messages that you tick
          </label>
          <input
            id={id}
            type="file"
            className="max-w-full text-sm file:mr-3 file:h-9 file:cursor-pointer file:rounded-xl file:border file:border-line file:bg-canvas file:px-3 file:font-medium file:text-ink hover:file:bg-sunken"
            disabled={busy}
            onChange={(event) => void load(event.target.files?.[0])}
          />
          <p className="basis-full text-sm text-muted">
            {busy ? "Reading it …" : "It stays in this browser, in memory, for at most ten minutes."}
          </p>
        </>
      )}
      {error && (
        <p role="alert" className="basis-full text-danger">
          {error}
        </p>
      )}
    </section>
  );
}
