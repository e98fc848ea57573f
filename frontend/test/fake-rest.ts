import { vi } from "vitest";

vi.stubGlobal("location", { origin: "https://sealcast.example" });

type Answer = (request: { body: unknown; query: URLSearchParams }) => Response | Promise<Response>;

/** The server at the other end of `fetch`: what it answers to each request, and what it was asked. */
export class FakeRest {
  readonly asked: { route: string; body: unknown; query: URLSearchParams }[] = [];
  #answers = new Map<string, Answer>();

  constructor() {
    vi.stubGlobal("fetch", (request: Request) => this.#answer(request));
  }

  on(route: string, answer: Answer): this {
    this.#answers.set(route, answer);
    return this;
  }

  count = (route: string): number => this.asked.filter((asked) => asked.route === route).length;

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const route = `${request.method} ${url.pathname.replace("/api/v1", "")}`;
    const asked = { route, body: await bodyOf(request), query: url.searchParams };
    this.asked.push(asked);
    const answer = this.#answers.get(route);
    return answer ? answer(asked) : problem(404, "not-found");
  }
}

async function bodyOf(request: Request): Promise<unknown> {
  const octets = new Uint8Array(await request.arrayBuffer());
  if (request.headers.get("Content-Type") === "application/octet-stream") return octets;
  return octets.length > 0 ? (JSON.parse(new TextDecoder().decode(octets)) as unknown) : undefined;
}

export const json = (body: unknown, status = 200): Response => Response.json(body, { status });

export const problem = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify({ type: `/problems/${code}`, title: code, status, detail: code }), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
