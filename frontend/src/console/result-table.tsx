import { Fragment } from "react";
import type { StoredMessage } from "../api/types";
import type { Disclosed } from "../core/disclosure";
import { Button } from "../ui/button";
import { Person, RoomName } from "./names";
import type { Step } from "./proof";
import { Steps } from "./proof-badge";
import type { ReadTexts } from "./texts";
import { day } from "./words";
import { Scroll } from "./scroll";
import { localeNow, msg, t } from "../shared/i18n";

interface Props {
  messages: StoredMessage[];
  ticked: ReadonlySet<string>;
  onTick: (ticked: ReadonlySet<string>) => void;
  texts: ReadTexts;
  proofs: ReadonlyMap<string, Step[]>;
  onVerify: (message: StoredMessage) => void;
}

const TITLES = [
  msg("Accepted (UTC)"),
  msg("Message"),
  msg("Room"),
  msg("Sender"),
  msg("Leaf"),
  msg("Text"),
  msg("Proof"),
];

/** The messages in the order that was asked for, day by day. */
export function ResultTable({ messages, ticked, onTick, texts, proofs, onVerify }: Props) {
  const tick = (id: string, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(id);
    else next.delete(id);
    onTick(next);
  };
  const days = new Intl.DateTimeFormat(localeNow(), { dateStyle: "full", timeZone: "UTC" });
  const all = messages.every(({ id }) => ticked.has(id));
  return (
    <Scroll label={t("Messages")}>
      <table className="w-full border-collapse bg-surface text-left text-sm">
        <caption className="sr-only">{t("Messages")}</caption>
        <thead className="bg-sunken">
          <tr>
            <th scope="col" className="p-2">
              <input
                type="checkbox"
                aria-label={t("Tick all")}
                className="size-4 accent-accent"
                checked={all}
                onChange={(event) => onTick(new Set(event.target.checked ? messages.map(({ id }) => id) : []))}
              />
            </th>
            {TITLES.map((title) => (
              <th key={title} scope="col" className="p-2 font-medium">
                {t(title)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {messages.map((message, at) => (
            <Fragment key={message.id}>
              {day(message.accepted_at) !== day(messages[at - 1]?.accepted_at ?? "") && (
                <tr className="border-t border-line bg-sunken">
                  <th scope="rowgroup" colSpan={TITLES.length + 1} className="px-2 py-1 font-medium">
                    {days.format(new Date(message.accepted_at))}
                  </th>
                </tr>
              )}
              <tr data-message={message.id} className="border-t border-line align-top">
                <td className="p-2">
                  <input
                    type="checkbox"
                    aria-label={t("Tick message {id}", { id: message.id })}
                    className="size-4 accent-accent"
                    checked={ticked.has(message.id)}
                    onChange={(event) => tick(message.id, event.target.checked)}
                  />
                </td>
                <td className="p-2 whitespace-nowrap">
                  <time dateTime={message.accepted_at}>{message.accepted_at.slice(11, 19)}</time>
                </td>
                <td className="p-2 font-mono">{message.id}</td>
                <td className="p-2">
                  <RoomName id={message.room_id} />
                </td>
                <td className="p-2">
                  <Person id={message.sender} />
                </td>
                <td className="p-2 tabular-nums">{message.leaf_index}</td>
                <td className="min-w-48 p-2">
                  <Text disclosed={texts.get(message.id)?.disclosed} />
                </td>
                <td className="p-2">
                  <Proof message={message} steps={proofs.get(message.id)} onVerify={onVerify} />
                </td>
              </tr>
            </Fragment>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Proof({
  message,
  steps,
  onVerify,
}: { message: StoredMessage; steps: Step[] | undefined } & Pick<Props, "onVerify">) {
  if (steps) return <Steps steps={steps} />;
  return (
    <Button size="sm" onClick={() => onVerify(message)} aria-label={t("Verify message {id}", { id: message.id })}>
      {t("Verify")}
    </Button>
  );
}

/** What stands before a content that is not simply a text. */
const KINDS: Record<string, string> = {
  edit: msg("edit:"),
  delete: msg("delete:"),
  react: msg("react:"),
  other: msg("(written by a newer version)"),
};

export function Text({ disclosed }: { disclosed: Disclosed | undefined }) {
  if (!disclosed) return <span className="text-muted">{t("sealed")}</span>;
  if ("refused" in disclosed) return <span className="text-danger">{t(disclosed.refused, disclosed.values)}</span>;
  const kind = KINDS[disclosed.kind];
  return (
    <span className="break-words whitespace-pre-wrap">
      {kind && <span className="text-muted">{t(kind)} </span>}
      {disclosed.text}
    </span>
  );
}
