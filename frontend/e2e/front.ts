import { readFileSync } from "node:fs";
import { type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer, request } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { dirname, join } from "node:path";

/** The stack's own certificates: what stands in front of an edge must look like one. */
const CA = process.env["E2E_CA"] ?? "";
const pem = (name: string): Buffer => readFileSync(join(dirname(CA), name));

const EVENTS = "/api/v1/events";
/** Headers of one connection, which the next one does not have. */
const HOPS = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "http2-settings", "host"]);

export type Protocol = "HTTP/1.1" | "HTTP/2";

/** A server before the edges that a test can look into: it counts streams, refuses like an overloaded one, changes edges. */
export class Front {
  /** Streams that are open now, the most that were open at once, and all that were opened. */
  streams = 0;
  streamsMax = 0;
  streamsOpened = 0;
  /** Requests answered by a 503 since it refuses. */
  refused = 0;
  protocols = new Set<string>();
  #edge: URL;
  #refuses = false;
  #server: HttpServer | ReturnType<typeof createSecureServer>;
  #sockets = new Set<Socket>();

  private constructor(edge: URL, protocol: Protocol) {
    this.#edge = edge;
    const tls = { cert: pem("edge-svc.pem"), key: pem("edge-svc.key") };
    const answer = (from: IncomingMessage, to: ServerResponse) => this.#answer(from, to);
    this.#server =
      protocol === "HTTP/2"
        ? createSecureServer({ ...tls, allowHTTP1: true }, answer as never)
        : createServer({ ...tls, ALPNProtocols: ["http/1.1"] }, answer);
    this.#server.on("secureConnection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => undefined);
    });
  }

  static async before(edge: URL, protocol: Protocol): Promise<Front> {
    const front = new Front(edge, protocol);
    await new Promise<void>((resolve) => front.#server.listen(0, "127.0.0.1", resolve));
    return front;
  }

  /** An address of the edge, by this server. */
  address(of: string): string {
    const url = new URL(of);
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  /** Leads everything that follows to another edge, as an ingress does when one is gone. */
  lead(edge: URL): void {
    this.#edge = edge;
  }

  /** Answers everything of the API with 503, and ends what is open. */
  refuse(): void {
    this.#refuses = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  serve(): void {
    this.#refuses = false;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #answer(from: IncomingMessage, to: ServerResponse): void {
    this.protocols.add(`HTTP/${from.httpVersion.replace(/\.0$/, "")}`);
    const { pathname } = new URL(from.url ?? "/", "https://front");
    if (this.#refuses && pathname.startsWith("/api/")) {
      this.refused++;
      to.writeHead(503, { "content-type": "application/problem+json", "retry-after": "1" });
      to.end(JSON.stringify({ type: "/problems/unavailable", title: "The service is not available", status: 503 }));
      return;
    }
    if (pathname === EVENTS) this.#count(to);
    const headers = Object.entries(from.headers).filter(([name]) => !name.startsWith(":") && !HOPS.has(name));
    const { hostname, port } = this.#edge;
    const onward = request(
      {
        host: hostname,
        port,
        ca: readFileSync(CA),
        method: from.method,
        path: from.url,
        headers: Object.fromEntries(headers),
      },
      (answer) => {
        const back = Object.entries(answer.headers).filter(([name]) => !HOPS.has(name));
        to.writeHead(answer.statusCode ?? 502, Object.fromEntries(back) as Record<string, string>);
        answer.pipe(to);
        answer.on("error", () => to.destroy());
      },
    );
    onward.on("error", () => to.destroy());
    to.on("close", () => onward.destroy());
    from.pipe(onward);
  }

  #count(to: ServerResponse): void {
    this.streamsOpened++;
    this.streamsMax = Math.max(this.streamsMax, ++this.streams);
    to.on("close", () => this.streams--);
  }
}

/** What `cargo xtask up` wrote about the stack. */
export interface Up {
  edges: { name: string; url: string; pid: number }[];
}

export const stack = (): Up => JSON.parse(readFileSync(process.env["E2E_UP"] ?? "", "utf8")) as Up;
