import { EventSourceParserStream } from "eventsource-parser/stream";
import { retryAfter } from "../../api/problems";
import { backoffMs, retryAfterMs } from "./backoff";
import { type StreamEvent, parseEvent } from "./events";

/** What the person sees of the connection. */
export type Connection =
  | { state: "connecting" }
  | { state: "open"; node: string }
  | { state: "waiting"; until: number }
  | { state: "offline" }
  | { state: "unauthorized" }
  | { state: "closed"; reason: string };

export interface StreamOptions {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Called in order, one at a time: the next event waits until it is handled. */
  onEvent: (event: StreamEvent) => Promise<void>;
  onConnection: (connection: Connection) => void;
  random?: () => number;
  isOnline?: () => boolean;
}

const URL_PATH = "/api/v1/events";
const CONNECT_TIMEOUT_MS = 10_000;
/** The server writes a comment every 15 s; three missed ones mean that the path is dead. */
const IDLE_TIMEOUT_MS = 45_000;
const KICK_SPREAD_MS = 1_000;

/** How one attempt ended, and what follows. */
type Ending = { next: "retry"; afterMs?: number } | { next: "stop"; connection: Connection };

/**
 * Reads the event stream for as long as the session lives: reconnects with back-off, resumes after the last handled
 * message, and notices a silent path. Native EventSource gives up for good on one 503 and cannot be watched.
 */
export class StreamReader {
  lastEventId: string | undefined;
  #options: StreamOptions;
  #failures = 0;
  #running = false;
  /** When to leave a node that goes away. */
  #leaveAt: number | undefined;
  #leave: ReturnType<typeof setTimeout> | undefined;
  #attempt: AbortController | undefined;
  #wake: (() => void) | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  stop(): void {
    this.#running = false;
    this.#attempt?.abort();
    this.#wake?.();
  }

  /** The network came back or the person looks again: skip the wait. */
  kick(immediately = false): void {
    if (!this.#wake) return;
    const wake = this.#wake;
    this.#failures = 0;
    setTimeout(wake, immediately ? 0 : this.#random() * KICK_SPREAD_MS);
  }

  async #run(): Promise<void> {
    while (this.#running) {
      this.#options.onConnection({ state: "connecting" });
      const ending = await this.#connect();
      if (!this.#running) return;
      if (ending.next === "stop") {
        this.#running = false;
        this.#options.onConnection(ending.connection);
        return;
      }
      await this.#wait(ending.afterMs ?? this.#nextWaitMs());
    }
  }

  #nextWaitMs(): number {
    const leaveAt = this.#leaveAt;
    this.#leaveAt = undefined;
    if (leaveAt !== undefined) return Math.max(0, leaveAt - Date.now());
    return backoffMs(this.#failures++, () => this.#random());
  }

  async #wait(ms: number): Promise<void> {
    const online = this.#options.isOnline?.() ?? true;
    this.#options.onConnection(online ? { state: "waiting", until: Date.now() + ms } : { state: "offline" });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  async #connect(): Promise<Ending> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    const watchdog = new Watchdog(() => attempt.abort());
    watchdog.expectWithin(CONNECT_TIMEOUT_MS);
    try {
      const response = await this.#options.fetch(URL_PATH, this.#request(attempt.signal));
      const refused = refusal(response, () => this.#random());
      if (refused) return refused;
      if (!response.body) return { next: "retry" };
      return await this.#read(response.body, watchdog);
    } catch {
      return { next: "retry" };
    } finally {
      watchdog.stop();
      clearTimeout(this.#leave);
      attempt.abort();
    }
  }

  #request(signal: AbortSignal): RequestInit {
    const resume = this.lastEventId ? { "Last-Event-ID": this.lastEventId } : undefined;
    const headers = { Accept: "text/event-stream", ...resume };
    return { credentials: "same-origin", cache: "no-store", headers, signal };
  }

  async #read(body: ReadableStream<Uint8Array<ArrayBuffer>>, watchdog: Watchdog): Promise<Ending> {
    const watched = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        watchdog.expectWithin(IDLE_TIMEOUT_MS);
        controller.enqueue(chunk);
      },
    });
    watchdog.expectWithin(IDLE_TIMEOUT_MS);
    const events = body
      .pipeThrough(watched)
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream());
    const reader = events.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || !this.#running) return { next: "retry" };
      const event = parseEvent(value.event ?? "message", value.data);
      if (!event) continue;
      const ending = this.#note(event);
      if (ending) return ending;
      await this.#options.onEvent(event);
      // Only a handled message moves the cursor: a crash in between repeats it, and repeats are dropped by id.
      if (event.name === "message" && value.id) this.lastEventId = value.id;
      if (event.name === "gap") this.lastEventId = event.data.up_to;
      if (event.name === "reset" || (event.name === "hello" && !this.lastEventId)) this.lastEventId = event.data.head;
    }
  }

  #note(event: StreamEvent): Ending | undefined {
    if (event.name === "hello") {
      this.#failures = 0;
      this.#options.onConnection({ state: "open", node: event.data.node });
    }
    if (event.name === "drain") this.#leaveWithin(event.data.spread_ms);
    if (event.name === "revoke") return { next: "stop", connection: { state: "closed", reason: event.data.reason } };
    return undefined;
  }

  /** Stays live until its own random time; the server may end the stream earlier. */
  #leaveWithin(spreadMs: number): void {
    const waitMs = this.#random() * spreadMs;
    const attempt = this.#attempt;
    this.#leaveAt = Date.now() + waitMs;
    this.#leave = setTimeout(() => attempt?.abort(), waitMs);
  }

  #random(): number {
    return (this.#options.random ?? Math.random)();
  }
}

function refusal(response: Response, random: () => number): Ending | undefined {
  if (response.status === 200) return undefined;
  if (response.status === 401 || response.status === 403)
    return { next: "stop", connection: { state: "unauthorized" } };
  if (response.status === 204) return { next: "stop", connection: { state: "closed", reason: "the server ended it" } };
  const seconds = retryAfter(response);
  return seconds === undefined ? { next: "retry" } : { next: "retry", afterMs: retryAfterMs(seconds, random) };
}

/** Ends an attempt that has been silent for too long. */
class Watchdog {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #bark: () => void;

  constructor(bark: () => void) {
    this.#bark = bark;
  }

  expectWithin(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#bark, ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
