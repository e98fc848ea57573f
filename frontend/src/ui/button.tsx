import type { ComponentProps } from "react";

const BASE =
  "inline-flex items-center justify-center gap-2 rounded-xl font-medium transition-colors disabled:opacity-55 select-none";
const VARIANTS = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong",
  secondary: "border border-line bg-surface text-ink hover:bg-sunken",
  quiet: "text-muted hover:bg-sunken hover:text-ink",
  danger: "border border-line text-danger hover:bg-danger-soft",
};
/** A finger needs more room than a pointer. */
const SIZES = {
  md: "h-10 px-4 pointer-coarse:min-h-11",
  sm: "h-8 px-3 text-sm pointer-coarse:min-h-11",
  icon: "size-9 shrink-0 pointer-coarse:size-11",
};

type Props = ComponentProps<"button"> & { variant?: keyof typeof VARIANTS; size?: keyof typeof SIZES; busy?: boolean };

export function Button({
  variant = "secondary",
  size = "md",
  busy,
  className = "",
  children,
  disabled,
  ...rest
}: Props) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy}
      className={`${BASE} ${VARIANTS[variant]} ${SIZES[size]} ${className}`}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

export function Spinner() {
  return (
    <span
      aria-hidden="true"
      className="size-4 animate-spin rounded-full border-2 border-current border-r-transparent opacity-70"
    />
  );
}
