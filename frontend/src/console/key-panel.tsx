import { useEffect, useId, useState } from "react";
import { KEY_LIFETIME_MS } from "../core/disclosure-lifetime";
import { Button } from "../ui/button";
import { LoadedKey } from "./disclosure-client";

const SECOND_MS = 1_000;

/** The compliance key: loaded from a file into a worker, dropped after ten minutes at the latest. */
export function KeyPanel({
  loaded,
  onChange,
}: {
  loaded: LoadedKey | undefined;
  onChange: (key: LoadedKey | undefined) => void;
}) {
  const id = useId();
  const [error, setError] = useState("");
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
    try {
      const key = await LoadedKey.load(file);
      setUntil(Date.now() + KEY_LIFETIME_MS);
      onChange(key);
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
    }
  };
  const drop = () => {
    loaded?.drop();
    onChange(undefined);
  };

  return (
    <section
      aria-label="Compliance key"
      className="flex flex-wrap items-center gap-3 rounded-card border border-line bg-surface p-3"
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
          <input id={id} type="file" className="text-sm" onChange={(event) => void load(event.target.files?.[0])} />
          <p className="basis-full text-sm text-muted">It stays in this browser, in memory, for at most ten minutes.</p>
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
