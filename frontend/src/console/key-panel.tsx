import {
  type Dispatch,
  type Ref,
  type SetStateAction,
  useEffect,
  useEffectEvent,
  useId,
  useRef,
  useState,
} from "react";
import { flushSync } from "react-dom";
import { Button } from "../ui/button";
import { DROPPED, LoadedKey } from "./disclosure-client";
import type { Keys } from "./keyring";
import { sentenceOf } from "./words";
import { rich } from "../shared/rich";
import { t } from "../shared/i18n";

const SECOND_MS = 1_000;
const FILE =
  "max-w-full text-sm file:mr-3 file:h-9 file:cursor-pointer file:rounded-xl file:border file:border-line file:bg-canvas file:px-3 file:font-medium file:text-ink hover:file:bg-sunken";

interface Props {
  keys: Keys;
  /** Whether this view has a use for them; those that are loaded are shown everywhere. */
  wanted: boolean;
  onChange: Dispatch<SetStateAction<Keys>>;
}

/**
 * The compliance keys: each read from a file by a worker of its own, dropped ten minutes after it was opened, or after
 * its last share came, at the latest.
 */
export function KeyPanel({ keys, wanted, onChange }: Props) {
  const { loaded, locked } = keys;
  const [said, setSaid] = useState("");
  /** Where what was loaded last is shown. */
  const section = useRef<HTMLElement>(null);
  const add = (key: LoadedKey) => {
    const waits = key.shares !== undefined;
    // The file's field, where the focus is, may go with this.
    flushSync(() => {
      onChange(({ loaded }) => (waits ? { loaded, locked: key } : { loaded: [...loaded, key], locked: undefined }));
      setSaid(waits ? progressOf(key) : t("Key {key} is loaded.", { key: short(key) }));
    });
    section.current?.focus();
  };
  const drop = (key: LoadedKey) => {
    key.drop();
    onChange(({ loaded, locked }) => ({
      loaded: loaded.filter((one) => one !== key),
      locked: locked === key ? undefined : locked,
    }));
    setSaid(t(DROPPED));
  };
  return (
    <>
      {/* Always there: what comes together with its first text is not read out. */}
      <p role="status" className="sr-only print:hidden">
        {said}
      </p>
      {loaded.length > 0 && (
        <section
          ref={locked ? undefined : section}
          tabIndex={-1}
          aria-label={t("Loaded compliance keys")}
          className="sticky top-2 z-10 flex flex-col gap-2 rounded-card border border-accent bg-accent-soft p-3 print:hidden"
        >
          {loaded.map((key) => (
            <div key={key.fingerprint} className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <p>
                {rich("Key {key} is loaded. It is dropped in {time}.", {
                  key: <Fingerprint of={key} />,
                  time: <Left of={key} onEnd={() => drop(key)} />,
                })}
              </p>
              <DropButton of={key} onDrop={() => drop(key)} />
            </div>
          ))}
        </section>
      )}
      {locked ? (
        <Shares
          key={locked.fingerprint}
          section={section}
          locked={locked}
          onProgress={() => setSaid(progressOf(locked))}
          onOpen={() => add(locked)}
          onDrop={() => drop(locked)}
        />
      ) : (
        wanted && <Loader keys={loaded} onLoad={add} />
      )}
    </>
  );
}

const short = ({ fingerprint }: LoadedKey): string => `${fingerprint.slice(0, 16)}…`;

const Fingerprint = ({ of }: { of: LoadedKey }) => (
  <code className="font-mono" title={of.fingerprint}>
    {short(of)}
  </code>
);

/** Several keys have one each, so it says which; first of all what it shows, for whoever speaks to it. */
const DropButton = ({ of, onDrop }: { of: LoadedKey; onDrop: () => void }) => (
  <Button size="sm" aria-label={t("Drop it now: key {key}", { key: short(of) })} onClick={onDrop}>
    {t("Drop it now")}
  </Button>
);

/** How long a key stays, counted down. */
function Left({ of, onEnd }: { of: LoadedKey; onEnd: () => void }) {
  const { until } = of;
  const [left, setLeft] = useState(() => Math.ceil((until - Date.now()) / SECOND_MS));
  const end = useEffectEvent(onEnd);
  // The clock is outside of React.
  useEffect(() => {
    const tick = () => {
      const rest = until - Date.now();
      setLeft(Math.max(0, Math.ceil(rest / SECOND_MS)));
      if (rest <= 0) end();
    };
    tick();
    const timer = setInterval(tick, SECOND_MS);
    return () => clearInterval(timer);
  }, [until]);
  return (
    <span role="timer" className="font-semibold tabular-nums">
      {Math.floor(left / 60)}:{String(left % 60).padStart(2, "0")}
    </span>
  );
}

function Loader({ keys, onLoad }: { keys: readonly LoadedKey[]; onLoad: (key: LoadedKey) => void }) {
  const id = useId();
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const load = async (input: HTMLInputElement): Promise<void> => {
    const [file] = input.files ?? [];
    // The field is not disabled while one is read: it would lose the focus.
    if (!file || busy) return;
    setError("");
    setBusy(true);
    try {
      const key = await LoadedKey.load(file);
      if (keys.some(({ fingerprint }) => fingerprint === key.fingerprint)) {
        key.drop();
        throw new Error(t("This key is loaded already."));
      }
      onLoad(key);
    } catch (failure) {
      setError(sentenceOf(failure));
    }
    // The same file can be chosen again.
    input.value = "";
    setBusy(false);
  };
  return (
    <section
      aria-label={t("Load a compliance key")}
      className="flex flex-wrap items-center gap-3 rounded-card border border-line bg-surface p-3 print:hidden"
    >
      <label htmlFor={id} className="font-medium">
        {keys.length === 0
          ? t("Compliance key, to read the messages that you tick")
          : t("Another compliance key, for messages of before or after it changed")}
      </label>
      <input id={id} type="file" className={FILE} onChange={(event) => void load(event.target)} />
      <p className="basis-full text-sm text-muted">
        {busy
          ? t("Reading it …")
          : t(
              "It stays in this browser, in memory, for ten minutes at most after it was opened. If its lock was split, its shares are asked for next.",
            )}
      </p>
      <Alert text={error} />
    </section>
  );
}

interface SharesProps {
  section: Ref<HTMLElement>;
  locked: LoadedKey;
  onProgress: () => void;
  onOpen: () => void;
  onDrop: () => void;
}

/** A locked key, while the holders of its shares add theirs. */
function Shares({ section, locked, onProgress, onOpen, onDrop }: SharesProps) {
  const id = useId();
  // What is typed is kept nowhere but in its field.
  const field = useRef<HTMLTextAreaElement>(null);
  const [errors, setErrors] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);

  const add = async (shares: { share: File | string; name: string }[]): Promise<boolean> => {
    if (busy) return false;
    const failed: string[] = [];
    setBusy(true);
    for (const { share, name } of shares) {
      // What is left over when they are enough is not read.
      if (!locked.shares) break;
      await locked.addShare(share).catch((error: unknown) => failed.push(name + sentenceOf(error)));
    }
    setBusy(false);
    setErrors(failed);
    // Dropped meanwhile, it is neither here nor open.
    if (!locked.dropped) (locked.shares ? onProgress : onOpen)();
    return failed.length === 0;
  };
  const addFiles = async (input: HTMLInputElement): Promise<void> => {
    const files = [...(input.files ?? [])];
    await add(files.map((share) => ({ share, name: `${share.name}: ` })));
    input.value = "";
  };
  const addWords = async (): Promise<void> => {
    const words = field.current?.value ?? "";
    if (!words.trim()) return;
    const taken = await add([{ share: words, name: "" }]);
    if (taken && field.current) field.current.value = "";
    // The button that was pressed could not keep it.
    field.current?.focus();
  };

  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-label={t("Shares of the compliance key")}
      className="flex flex-col gap-3 rounded-card border border-accent bg-surface p-3 print:hidden"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <p>
          {rich("Key {key} is locked. {progress} Everything is dropped in {time}.", {
            key: <Fingerprint of={locked} />,
            progress: progressOf(locked),
            time: <Left of={locked} onEnd={onDrop} />,
          })}
        </p>
        <DropButton of={locked} onDrop={onDrop} />
      </div>
      <div className="flex flex-wrap items-center gap-3">
        <label htmlFor={`${id}-files`} className="font-medium">
          {t("Share files")}
        </label>
        <input
          id={`${id}-files`}
          type="file"
          multiple
          className={FILE}
          onChange={(event) => void addFiles(event.target)}
        />
      </div>
      <form
        aria-label={t("Add a share by its words")}
        className="flex flex-col items-start gap-2"
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void addWords();
        }}
      >
        <label htmlFor={`${id}-words`} className="font-medium">
          {t("Or the thirty words of one share")}
        </label>
        <textarea
          ref={field}
          id={`${id}-words`}
          rows={4}
          spellCheck={false}
          autoCapitalize="none"
          autoCorrect="off"
          autoComplete="off"
          className="w-full rounded-xl border border-edge bg-surface px-3.5 py-2 font-mono text-sm"
        />
        <Button type="submit" size="sm" busy={busy}>
          {t("Add this share")}
        </Button>
      </form>
      <p className="text-sm text-muted">
        {t(
          "They are put together in the memory of the worker that holds the key. Each share begins the ten minutes anew: everything is dropped ten minutes after the last one came, at the latest.",
        )}
      </p>
      <Alert text={errors.join("\n")} />
    </section>
  );
}

function progressOf({ shares }: LoadedKey): string {
  if (!shares?.threshold) return t("No share is loaded yet.");
  const { numbers, threshold } = shares;
  const which = numbers.join(", ");
  return numbers.length === 1
    ? t("1 of {threshold} shares loaded (number {which}).", { threshold, which })
    : t("{count} of {threshold} shares loaded (numbers {which}).", { count: numbers.length, threshold, which });
}

const Alert = ({ text }: { text: string }) =>
  text && (
    <p role="alert" className="basis-full break-words whitespace-pre-line text-danger">
      {text}
    </p>
  );
