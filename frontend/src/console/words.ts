import type { Case, Scope } from "../api/types";

/** What an officer does within a case, as people say it. */
export const ACTIONS = {
  query: "look at messages",
  decrypt: "read texts",
  export: "export",
  release_hold: "release a hold",
} as const;
export type Action = keyof typeof ACTIONS;

/** A case with whether anything may still be done in it, when it was asked. */
export type KnownCase = Case & { open: boolean };

/** All times of the console are UTC, as those of the log. */
export const when = (rfc3339: string): string => `${rfc3339.slice(0, 16).replace("T", " ")} UTC`;

/** The same, to the second. */
export const instant = (rfc3339: string): string => `${rfc3339.slice(0, 19).replace("T", " ")} UTC`;

export const day = (rfc3339: string): string => rfc3339.slice(0, 10);

/** What `datetime-local` holds, read as UTC. */
export const fromInput = (value: string): string | undefined =>
  value ? new Date(`${value}Z`).toISOString() : undefined;

export const toInput = (rfc3339: string): string => new Date(rfc3339).toISOString().slice(0, 16);

export const periodOf = ({ from, to }: Pick<Scope, "from" | "to">): string =>
  from || to ? `${from ? `from ${when(from)}` : "from the beginning"} ${to ? `until ${when(to)}` : "on"}` : "any time";

export const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Whether the case holds a consent to an action that this officer can use: whoever consented cannot. */
export const hasConsent = (one: Case, action: Action, officer: string, now: number): boolean =>
  one.approvals.some(
    ({ action: asked, decision }) =>
      asked === action &&
      decision?.granted === true &&
      decision.by !== officer &&
      Date.parse(decision.valid_until) > now,
  );
