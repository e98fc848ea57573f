import type { StoredMessage } from "../api/types";
import type { Disclosed } from "../core/disclosure";
import { ProofBadge } from "./proof-badge";

interface Props {
  caseId: string | undefined;
  messages: StoredMessage[];
  ticked: ReadonlySet<string>;
  onTick: (ticked: ReadonlySet<string>) => void;
  texts: ReadonlyMap<string, Disclosed>;
}

export function ResultTable({ caseId, messages, ticked, onTick, texts }: Props) {
  const tick = (id: string, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(id);
    else next.delete(id);
    onTick(next);
  };
  const all = messages.every(({ id }) => ticked.has(id));
  return (
    <div className="overflow-x-auto rounded-card border border-line">
      <table className="w-full border-collapse bg-surface text-left text-sm">
        <caption className="sr-only">Messages</caption>
        <thead className="bg-sunken">
          <tr>
            <th scope="col" className="p-2">
              <input
                type="checkbox"
                aria-label="Tick all"
                checked={all}
                onChange={(event) => onTick(new Set(event.target.checked ? messages.map(({ id }) => id) : []))}
              />
            </th>
            {["Accepted", "Message", "Room", "Sender", "Leaf", "Text", "Proof"].map((title) => (
              <th key={title} scope="col" className="p-2 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {messages.map((message) => (
            <tr key={message.id} className="border-t border-line align-top">
              <td className="p-2">
                <input
                  type="checkbox"
                  aria-label={`Tick message ${message.id}`}
                  checked={ticked.has(message.id)}
                  onChange={(event) => tick(message.id, event.target.checked)}
                />
              </td>
              <td className="p-2 whitespace-nowrap">
                <time dateTime={message.accepted_at}>{message.accepted_at.slice(0, 19).replace("T", " ")}</time>
              </td>
              <td className="p-2 font-mono">{message.id}</td>
              <td className="p-2 font-mono" title={message.room_id}>
                …{message.room_id.slice(-8)}
              </td>
              <td className="p-2 font-mono" title={message.sender}>
                …{message.sender.slice(-8)}
              </td>
              <td className="p-2 tabular-nums">{message.leaf_index}</td>
              <td className="min-w-48 p-2">
                <Text disclosed={texts.get(message.id)} />
              </td>
              <td className="p-2">
                <ProofBadge message={message} caseId={caseId} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Text({ disclosed }: { disclosed: Disclosed | undefined }) {
  if (!disclosed) return <span className="text-muted">sealed</span>;
  if ("refused" in disclosed) return <span className="text-danger">{disclosed.refused}</span>;
  const kind = disclosed.kind === "text" ? "" : `${disclosed.kind}: `;
  return (
    <span className="break-words whitespace-pre-wrap">
      {kind && <span className="text-muted">{kind}</span>}
      {disclosed.text}
    </span>
  );
}
