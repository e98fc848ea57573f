import { msg, t } from "./i18n";

/** What the server's refusals mean for a person, by their codes; a code that is not here speaks for itself, in English. */
const FAILURES: Record<string, string> = {
  "account-locked": msg("An administrator has locked this account."),
  busy: msg("The server is busy. Try again in a moment."),
  "body-too-large": msg("It is too large for this server."),
  "certificate-refused": msg("The server does not accept this key."),
  "compliance-recipient-missing": msg(
    "The organisation’s compliance key is another one than this device knows. Tell an administrator.",
  ),
  conflict: msg("It exists already."),
  "context-mismatch": msg("The server says that the message does not belong here. Try again."),
  "envelope-malformed": msg("The server does not accept the form of this message. Tell an administrator."),
  "envelope-too-large": msg("The message is too long for this server."),
  "epoch-stale": msg("The room’s key changed just now. Try again."),
  forbidden: msg("Your role does not allow this."),
  "grant-refused": msg("The server does not accept this grant: somebody came or went at the same time. Try again."),
  "idempotency-conflict": msg("The server has another message under this one’s name. Write it again."),
  "internal-error": msg("Something went wrong on the server. Try again, and tell an administrator if it stays so."),
  "invalid-credentials": msg("The user name or the password is wrong."),
  "invite-invalid": msg("The invite is unknown, expired, used up or revoked. Ask for a new one."),
  "invite-only": msg("The room takes newcomers by invite link only."),
  "invite-required": msg("Registration needs an invite link."),
  "limit-reached": msg("A limit of this server is reached. Try again tomorrow, or ask an administrator."),
  "direct-is-for-two": msg("A direct conversation stays between its two people."),
  "lobby-is-for-all": msg("Nobody leaves the lobby."),
  "not-found": msg("There is nothing here, or it is not for you to see."),
  "not-yet-logged": msg("The message is not in the log yet. Try again in a moment."),
  "organisation-not-ready": msg("The organisation is not set up yet."),
  "outcome-unknown": msg("The server did not say in time whether it was done. Look before you try again."),
  "rate-limited": msg("Too many messages at once. Wait a moment."),
  "second-factor-active": msg("There are codes already. Do without them first."),
  "second-factor-required": msg("A code of your authenticator app is needed."),
  "second-factor-wrong": msg("The code is wrong, too old, or was used. Wait for the next one."),
  "session-invalid": msg("Your session ended. Sign in again."),
  "signature-invalid": msg("The server does not accept the signature. Check this device’s clock, then try again."),
  throttled: msg("Too many attempts. Wait a little before the next one."),
  "too-many-requests": msg("Too many requests at once. Wait a moment."),
  unreachable: msg("The server cannot be reached. Check your connection."),
  "username-invalid": msg(
    "This user name is not allowed: it has 3 to 32 letters or digits of one script, with dots, dashes or underscores between.",
  ),
  "username-taken": msg("The user name is taken."),
};

/** What went wrong, as far as it is known, in the reader's language. */
export function whyOf(error: unknown, otherwise: string): string {
  if (!(error instanceof Error)) return otherwise;
  return whyText(codeOf(error), error.message);
}

/** The code of a refusal, empty when it is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** The same of a refusal's code and what the server, or the core, said in English. */
export const whyText = (code: string | undefined, message: string): string => t(FAILURES[code ?? ""] ?? message);
