import { useQuery } from "@tanstack/react-query";
import { Button } from "../ui/button";
import { checkedHead } from "./proof";
import { Steps } from "./proof-badge";

/** What the log says of itself, checked here. */
export function Health() {
  const head = useQuery({ queryKey: ["head"], staleTime: 0, queryFn: checkedHead });
  if (head.isPending) return <p role="status">Checking …</p>;
  if (head.error) return <p role="alert">{head.error.message}</p>;
  const { checkpoint, steps } = head.data;
  const facts = [
    ["Leaves", String(checkpoint.size)],
    ["Covers every message up to", checkpoint.covers ?? "none yet"],
    ["Log key", checkpoint.vkey],
  ] as const;
  return (
    <section aria-label="Health" className="flex flex-col gap-3 rounded-card border border-line bg-surface p-4">
      <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[max-content_1fr]">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="font-mono break-all">{value}</dd>
          </div>
        ))}
      </dl>
      <Steps steps={steps} />
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => void head.refetch()}>Check again</Button>
        <a
          className="inline-flex h-10 items-center rounded-xl border border-line px-4 font-medium hover:bg-sunken"
          href="/verify.html"
          download
        >
          Download the offline verifier
        </a>
      </div>
    </section>
  );
}
