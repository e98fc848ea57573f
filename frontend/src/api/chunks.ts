import { ApiError, problemOf, unreachable } from "./problems";

const TIMEOUT_MS = 30_000;
const TRIES = 6;
const WAIT_MS = 500;
const WAIT_MAX_MS = 15_000;

/** Which chunk of which attachment. */
export interface ChunkAt {
  room: string;
  attachment: string;
  index: number;
}

/** Stores a sealed chunk; repeating it is harmless, so what is not certain is repeated. */
export async function putChunk(at: ChunkAt, octets: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
  const headers = { "Content-Type": "application/octet-stream" };
  await repeated(at, { method: "PUT", headers, body: octets }, signal);
}

/** A sealed chunk as it was stored. */
export async function getChunk(at: ChunkAt, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const response = await repeated(at, { headers: { Accept: "application/octet-stream" } }, signal);
  return new Uint8Array(await response.arrayBuffer().catch(() => Promise.reject<ArrayBuffer>(unreachable())));
}

async function repeated(at: ChunkAt, init: RequestInit, signal: AbortSignal): Promise<Response> {
  for (let tries = 1; ; tries++) {
    try {
      return await once(at, init, signal);
    } catch (error) {
      signal.throwIfAborted();
      const passing =
        error instanceof ApiError && (error.failure !== "refused" || error.status === 429 || error.status === 503);
      if (!passing || tries >= TRIES) throw error;
      const waitMs = error.retryAfterS === undefined ? WAIT_MS * 2 ** tries : error.retryAfterS * 1_000;
      await wait(Math.min(WAIT_MAX_MS, waitMs), signal);
    }
  }
}

async function once({ room, attachment, index }: ChunkAt, init: RequestInit, signal: AbortSignal): Promise<Response> {
  const url = new URL(`/api/v1/rooms/${room}/attachments/${attachment}/chunks/${index}`, location.origin);
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const request = new Request(url, { credentials: "same-origin", cache: "no-store", ...init, signal: bounded });
  const response = await fetch(request).catch(() => Promise.reject(unreachable()));
  if (!response.ok) throw await problemOf(response);
  return response;
}

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
