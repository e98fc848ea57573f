import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client";

const LIMIT = 100;

/** What this officer has looked at, as the log recorded it. */
export function AccessLog({ officer }: { officer: string }) {
  const events = useQuery({
    queryKey: ["access", officer],
    staleTime: 0,
    queryFn: () => api.auditEvents({ actor: officer, order: "newest_first", limit: LIMIT }),
  });
  if (events.isPending) return <p role="status">Loading …</p>;
  if (events.error) return <p role="alert">{events.error.message}</p>;
  return (
    <div className="overflow-x-auto rounded-card border border-line">
      <table className="w-full border-collapse bg-surface text-left text-sm">
        <caption className="p-2 text-left text-muted">
          The newest {LIMIT} entries that the log holds under your name; looking here is one, too.
        </caption>
        <thead className="bg-sunken">
          <tr>
            {["When", "What", "Scope", "Leaf"].map((title) => (
              <th key={title} scope="col" className="p-2 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {events.data.items.map((event) => (
            <tr key={event.event_id} className="border-t border-line align-top">
              <td className="p-2 whitespace-nowrap">{event.at.slice(0, 19).replace("T", " ")}</td>
              <td className="p-2">{event.kind.replaceAll("_", " ")}</td>
              <td className="p-2 font-mono break-all">{JSON.stringify(event.body)}</td>
              <td className="p-2 tabular-nums">{event.leaf_index}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
