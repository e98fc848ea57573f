import type { ReactNode } from "react";

/** A wide table on a narrow screen: it scrolls by itself, with the keyboard too. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section
      aria-label={label}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable
      tabIndex={0}
      className="overflow-x-auto rounded-card border border-line print:overflow-visible print:rounded-none print:border-0"
    >
      {children}
    </section>
  );
}
