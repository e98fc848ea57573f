import type { Problem } from "./types";

/** What a request came to, other than success. */
export type Failure =
  /** The server said no (4xx, or a 503 marked as rejected): whatever was asked is certainly not done. */
  | "refused"
  /** The server could not answer: try again; whether it was done is unknown. */
  | "unavailable"
  /** No answer at all. */
  | "unreachable";

/** A request that did not succeed. `code` is the refusal's slug, such as `username-taken`. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly failure: Failure,
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfterS: number | undefined,
  ) {
    super(message);
  }
}

export const unreachable = (): ApiError =>
  new ApiError("unreachable", 0, "unreachable", "The server cannot be reached. Check your connection.", undefined);

/** Reads an error response; never throws. */
export async function problemOf(response: Response): Promise<ApiError> {
  const problem = await body(response);
  const code = problem.type?.split("/").at(-1) ?? `http-${response.status}`;
  const rejected = response.status === 503 && response.headers.get("Sealcast-Outcome") === "rejected";
  const failure = (response.status < 500 && response.status !== 408) || rejected ? "refused" : "unavailable";
  const message = sentence(
    problem.detail ?? problem.title ?? "The server gave an answer that this page does not understand.",
  );
  return new ApiError(failure, response.status, code, message, problem.retry_after_s ?? retryAfter(response));
}

/** `Retry-After` in seconds; the HTTP-date form counts from now. */
export function retryAfter(response: Response): number | undefined {
  const value = response.headers.get("Retry-After");
  if (!value) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

async function body(response: Response): Promise<Partial<Problem>> {
  try {
    const parsed: unknown = await response.json();
    return typeof parsed === "object" && parsed !== null ? (parsed as Partial<Problem>) : {};
  } catch {
    return {};
  }
}

const sentence = (text: string): string => {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
};
