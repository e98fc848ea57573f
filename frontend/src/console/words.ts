import type { Case, Scope } from "../api/types";
import { Told } from "../core/told";
import { whyText, codeOf } from "../shared/failures";
import { msg, t } from "../shared/i18n";

/** What an officer does within a case, as people say it. */
export const ACTIONS = {
  query: msg("look at messages"),
  decrypt: msg("read texts"),
  export: msg("export"),
  release_hold: msg("release a hold"),
} as const;
export type Action = keyof typeof ACTIONS;

export const actionName = (action: Action): string => t(ACTIONS[action]);

/** The log's kinds of entries; one that is newer than this page is shown as the log calls it. */
export const KINDS = [
  msg("account registered"),
  msg("session opened"),
  msg("login failed"),
  msg("login throttled"),
  msg("logged out"),
  msg("sessions revoked"),
  msg("password changed"),
  msg("second factor added"),
  msg("second factor removed"),
  msg("role changed"),
  msg("account locked"),
  msg("account unlocked"),
  msg("sessions listed"),
  msg("login limits reset"),
  msg("certificate published"),
  msg("compliance published"),
  msg("compliance rotated"),
  msg("room created"),
  msg("history set"),
  msg("member joined"),
  msg("member left"),
  msg("member removed"),
  msg("join requested"),
  msg("join refused"),
  msg("epoch opened"),
  msg("grant added"),
  msg("attachment stored"),
  msg("attachment read"),
  msg("invite created"),
  msg("invite revoked"),
  msg("messages queried"),
  msg("decryption granted"),
  msg("export started"),
  msg("case opened"),
  msg("case closed"),
  msg("approval requested"),
  msg("approval decided"),
  msg("retention set"),
  msg("hold placed"),
  msg("hold released"),
  msg("day shredded"),
  msg("events queried"),
  msg("data keys rewrapped"),
  msg("witness alarmed"),
  msg("log conflict"),
  msg("message quarantined"),
];
export const kindName = (kind: string): string => t(kind.replaceAll("_", " "));

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

export function periodOf({ from, to }: Pick<Scope, "from" | "to">): string {
  if (from && to) return t("from {from} until {to}", { from: when(from), to: when(to) });
  if (from) return t("from {from} on", { from: when(from) });
  return to ? t("from the beginning until {to}", { to: when(to) }) : t("any time");
}

/** What went wrong, in the reader's language as far as it is known there. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Told) return t(error.template, error.values);
  return error instanceof Error ? whyText(codeOf(error), error.message) : String(error);
}

/** Whether the case holds a consent to an action that this officer can use: whoever consented cannot. */
export const hasConsent = (one: Case, action: Action, officer: string, now: number): boolean =>
  one.approvals.some(
    ({ action: asked, decision }) =>
      asked === action &&
      decision?.granted === true &&
      decision.by !== officer &&
      Date.parse(decision.valid_until) > now,
  );
