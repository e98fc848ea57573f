/** The one Trusted Types policy: worker scripts of this origin's own build, and nothing else. */

interface Policy {
  createScriptURL(url: string): unknown;
}
interface Factory {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): Policy;
}

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
const policy: Policy | undefined = factory?.createPolicy("sealcast", { createScriptURL: own });

/** A worker's address, in the form that `new SharedWorker` takes under Trusted Types. */
export function workerUrl(url: string): string {
  return (policy ? policy.createScriptURL(url) : own(url)) as string;
}

function own(url: string): string {
  const absolute = new URL(url, location.origin);
  const built = import.meta.env.DEV || absolute.pathname.startsWith("/assets/");
  if (absolute.origin !== location.origin || !built) throw new TypeError(`not a script of this build: ${url}`);
  return absolute.href;
}
