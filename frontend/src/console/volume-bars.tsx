import { type KeyboardEvent, useRef, useState } from "react";
import { barsOf } from "./volume";
import { when } from "./words";
import { plural, t } from "../shared/i18n";

interface Props {
  times: string[];
  /** Whether there are messages that are not loaded. */
  more: boolean;
  onNarrow: (from: string, to: string) => void;
}

/** When how much was written: each bar narrows the times to its own. One stop of the Tab key; arrows go from bar to bar. */
export function VolumeBars({ times, more, onNarrow }: Props) {
  const group = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const bars = barsOf(times.map((time) => Date.parse(time)));
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const [first, last] = [bars[0], bars.at(-1)];
  if (!first || !last) return null;
  const text = (ms: number): string => when(new Date(ms).toISOString());
  const move = (event: KeyboardEvent): void => {
    const at = Math.min(active, bars.length - 1);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 }[event.key];
    if (to === undefined || !bars[to]) return;
    event.preventDefault();
    setActive(to);
    group.current?.querySelectorAll("button")[to]?.focus();
  };
  return (
    <section aria-label={t("Volume")} className="rounded-card border border-line bg-surface p-3 print:hidden">
      <div
        ref={group}
        role="toolbar"
        tabIndex={-1}
        aria-label={t("Messages over time; arrow keys go from bar to bar")}
        className="flex h-20 items-end gap-px"
        onKeyDown={move}
      >
        {bars.map(({ from, to, count }, at) => (
          <button
            key={from}
            type="button"
            tabIndex={at === Math.min(active, bars.length - 1) ? 0 : -1}
            aria-label={plural(
              count,
              "{time}: {count} message. Narrow to it.",
              "{time}: {count} messages. Narrow to it.",
              { time: text(from) },
            )}
            title={`${text(from)}: ${count}`}
            className="group flex h-full min-w-0 flex-1 items-end rounded-sm hover:bg-sunken"
            onFocus={() => setActive(at)}
            onClick={() => onNarrow(new Date(from).toISOString(), new Date(to).toISOString())}
          >
            <span
              aria-hidden="true"
              className="block w-full rounded-sm bg-accent group-hover:bg-accent-strong"
              style={{ height: count === 0 ? 0 : `${Math.max(4, (count / most) * 100)}%` }}
            />
          </button>
        ))}
      </div>
      <p className="mt-1 flex justify-between gap-2 text-sm text-muted">
        <span>{text(first.from)}</span>
        {more && <span>{t("of what is loaded so far")}</span>}
        <span>{text(last.to)}</span>
      </p>
    </section>
  );
}
