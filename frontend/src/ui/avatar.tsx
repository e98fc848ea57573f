const TINTS = [
  "bg-teal-600/15 text-teal-800 dark:text-teal-300",
  "bg-sky-600/15 text-sky-800 dark:text-sky-300",
  "bg-amber-600/15 text-amber-800 dark:text-amber-300",
  "bg-rose-600/15 text-rose-800 dark:text-rose-300",
  "bg-violet-600/15 text-violet-800 dark:text-violet-300",
  "bg-lime-700/15 text-lime-800 dark:text-lime-300",
  "bg-orange-600/15 text-orange-800 dark:text-orange-300",
  "bg-indigo-600/15 text-indigo-800 dark:text-indigo-300",
  "bg-emerald-700/15 text-emerald-900 dark:text-emerald-300",
  "bg-fuchsia-600/15 text-fuchsia-800 dark:text-fuchsia-300",
  "bg-stone-600/15 text-stone-700 dark:text-stone-300",
];

/** Initials on a tint that is the same for a person everywhere. */
export function Avatar({ name, online }: { name: string; online?: boolean | undefined }) {
  const sum = [...name].reduce((total, char) => (total * 31 + (char.codePointAt(0) ?? 0)) % 9_973, 7);
  return (
    <span
      aria-hidden="true"
      className={`relative inline-flex size-9 shrink-0 items-center justify-center rounded-full text-sm font-semibold ${TINTS[sum % TINTS.length]}`}
    >
      {(name || "?").slice(0, 2).toUpperCase()}
      {online && <span className="absolute end-0 bottom-0 size-2.5 rounded-full bg-online ring-2 ring-surface" />}
    </span>
  );
}
