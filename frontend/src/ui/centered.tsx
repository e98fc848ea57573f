import type { ReactNode } from "react";

/** The one thing on an otherwise empty area. */
export function Centered({ children }: { children: ReactNode }) {
  return <div className="flex grow flex-col items-center justify-center gap-3 p-6 text-center">{children}</div>;
}
