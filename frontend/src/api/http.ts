import { problemOf, unreachable } from "./problems";
import type { paths } from "./schema";

const TIMEOUT_MS = 20_000;

type Method = "get" | "post" | "put" | "delete";
/** The paths that have an operation of this method. */
type PathOf<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths];
type Operation<M extends Method, P extends PathOf<M>> = paths[P] extends Record<M, infer O> ? O : never;

/** The JSON of a success; nothing of one without content. */
type Answer<O> = O extends { responses: infer R }
  ? {
      [S in keyof R & (200 | 201 | 202)]: R[S] extends { content: { "application/json": infer B } } ? B : undefined;
    }[keyof R & (200 | 201 | 202)]
  : never;

/** What a request needs: required where the OpenAPI document says so. */
type Part<O, K extends string, As extends string> = O extends { parameters: Record<K, infer V> }
  ? { [A in As]: V }
  : O extends { parameters: { [k in K]?: infer V } }
    ? [V] extends [undefined]
      ? unknown
      : { [A in As]?: V }
    : unknown;
type Body<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? { body: B } : unknown;
type Given<O> = Part<O, "path", "path"> & Part<O, "query", "query"> & Part<O, "header", "headers"> & Body<O>;

interface Loose {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Called with every answer, for what its headers say. */
type Listener = (response: Response) => void;

/**
 * One request of the REST interface, typed by the generated schema: bounded in time, and an `ApiError` unless the
 * server says that it did it.
 */
export function httpClient(onResponse: Listener) {
  return async function call<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    given: Given<Operation<M, P>>,
  ): Promise<Answer<Operation<M, P>>> {
    const response = await send(method, path, given as Loose);
    onResponse(response);
    if (!response.ok) throw await problemOf(response);
    if (response.status === 204) return undefined as Answer<Operation<M, P>>;
    return (await response.json().catch(() => Promise.reject(unreachable()))) as Answer<Operation<M, P>>;
  };
}

async function send(method: Method, path: string, { path: names, query, headers, body }: Loose): Promise<Response> {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names?.[name] ?? ""));
  const url = new URL(filled, location.origin);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
  }
  const json = body === undefined ? {} : { "Content-Type": "application/json" };
  try {
    return await fetch(
      new Request(url, {
        method: method.toUpperCase(),
        credentials: "same-origin",
        cache: "no-store",
        headers: { Accept: "application/json", ...json, ...headers },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }),
    );
  } catch {
    throw unreachable();
  }
}
