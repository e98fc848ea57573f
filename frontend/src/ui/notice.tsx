import type { ReactNode } from "react";

const TONES = {
  info: "bg-accent-soft text-ink",
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
};

/** A sentence that needs attention, where it belongs. */
export function Notice({ tone = "info", children }: { tone?: keyof typeof TONES; children: ReactNode }) {
  const role = tone === "info" ? "status" : "alert";
  return (
    <div role={role} className={`rounded-xl px-3.5 py-2.5 text-sm ${TONES[tone]}`}>
      {children}
    </div>
  );
}
