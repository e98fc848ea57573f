import { Check, CheckCheck, CircleAlert, Clock, LockKeyhole, ShieldAlert, Trash2 } from "lucide-react";
import { type KeyboardEvent, memo, useState } from "react";
import type { Delivery, PendingChange, Quote, TimelineItem } from "../../core/model";
import { compose, jumpTo } from "../../shared/composing";
import { core } from "../../shared/core-client";
import { whyText } from "../../shared/failures";
import { fullTimeOf, timeOf } from "../../shared/format";
import { msg, t } from "../../shared/i18n";
import { plainText } from "../../shared/markdown";
import { Avatar } from "../../ui/avatar";
import { Actions } from "./actions";
import { Files } from "./files";
import { Markdown } from "./markdown";
import { showOver } from "./overlay";
import { Reactions } from "./reactions";
import { REASONS } from "./reasons";

const GROUP_MS = 5 * 60_000;

interface Props {
  roomId: string;
  item: TimelineItem;
  previous: TimelineItem | undefined;
  /** What its day is called, where another one begins with it. */
  day: string | undefined;
  /** Whether the person can write here. */
  canWrite: boolean;
  /** Whether everything from here on is new. */
  firstNew: boolean;
  marked: boolean;
}

/** One message; neighbours of one sender share a head line. Where many come, those that stay are not drawn again with each. */
export const MessageRow = memo(function MessageRow({ roomId, item, previous, day, canWrite, firstNew, marked }: Props) {
  const grouped =
    day === undefined && !firstNew && previous?.sender === item.sender && item.at - previous.at < GROUP_MS;
  const name = item.senderName || t("Unknown sender");
  const [active, setActive] = useState(false);
  const [menuOpen, setMenuOpen] = useState(false);
  const showProof = () => showOver({ show: "proof", item });
  const able = canWrite && item.body.kind === "text" && item.id !== undefined;
  const tint = marked ? "bg-accent-soft" : item.mentionsMe ? "bg-warn-soft/60" : active ? "bg-sunken/60" : "";
  return (
    <>
      {day !== undefined && <DayLine day={day} />}
      {firstNew && <NewLine />}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys are shortcuts to the buttons */}
      <article
        aria-label={`${name}, ${timeOf(item.at)}`}
        data-key={item.key}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- arrow keys go from message to message
        tabIndex={-1}
        // Not onMouseEnter: React misses it when what the pointer was on has left the document.
        onMouseOver={() => setActive(true)}
        onMouseLeave={() => setActive(false)}
        onFocus={() => setActive(true)}
        onBlur={({ currentTarget, relatedTarget }) => currentTarget.contains(relatedTarget) || setActive(false)}
        onKeyDown={able ? (event) => onKey(event, roomId, item) : undefined}
        className={`relative mx-auto flex max-w-4xl gap-3 px-4 sm:rounded-xl sm:px-6 ${grouped ? "py-0.5" : "mt-2 py-1"} ${tint}`}
      >
        <div className="w-9 shrink-0">{!grouped && <Avatar name={name} />}</div>
        <div className="min-w-0 grow">
          {!grouped && <HeadLine name={name} at={item.at} />}
          <div className="flex items-end gap-2">
            <Text roomId={roomId} item={item} />
            {item.delivery && <DeliveryMark delivery={item.delivery} onProof={showProof} />}
          </div>
          {item.reactions && <Reactions roomId={roomId} item={item} canReact={able} />}
          {item.delivery?.state === "failed" && (
            <Failed roomId={roomId} target={item.key} what={t("Not sent")} failure={item.delivery} />
          )}
          {item.pending?.map((change) => (
            <Pending key={change.key} roomId={roomId} change={change} />
          ))}
        </div>
        {able && (active || menuOpen) && (
          <Actions roomId={roomId} item={item} onMenu={setMenuOpen} onProof={showProof} />
        )}
      </article>
    </>
  );
});

/** Letters act on the message in focus, as the buttons do. */
function onKey(event: KeyboardEvent<HTMLElement>, roomId: string, item: TimelineItem): void {
  if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "r") compose(roomId, { mode: "reply", item });
  else if (event.key === "e" && item.mine) compose(roomId, { mode: "edit", item });
  else return;
  event.preventDefault();
}

function HeadLine({ name, at }: { name: string; at: number }) {
  return (
    <div className="flex items-baseline gap-2">
      <span className="truncate font-semibold">{name}</span>
      <time dateTime={new Date(at).toISOString()} title={fullTimeOf(at)} className="text-xs text-muted">
        {timeOf(at)}
      </time>
    </div>
  );
}

function Text({ roomId, item }: { roomId: string; item: TimelineItem }) {
  const { body } = item;
  if (body.kind === "text") {
    const waits = item.delivery?.state === "queued" || item.delivery?.state === "sending";
    return (
      <div className={`min-w-0 grow ${waits ? "text-muted" : ""}`}>
        {body.quote && <Quotation roomId={roomId} quote={body.quote} />}
        {body.text && <Markdown text={body.text} mentions={body.mentions} />}
        {body.files && (
          <Files roomId={roomId} messageKey={item.key} files={body.files} stored={item.id !== undefined} />
        )}
        {body.editedAt !== undefined && (
          <span
            title={t("Edited {time}. The audit log keeps both.", { time: fullTimeOf(body.editedAt) })}
            className="text-xs text-muted"
          >
            {t("edited")}
          </span>
        )}
      </div>
    );
  }
  if (body.kind === "deleted") {
    return (
      <p className="flex min-w-0 grow items-center gap-2 text-sm text-muted italic">
        <Trash2 className="size-4 shrink-0" aria-hidden="true" /> {t("Deleted. The audit log keeps it for compliance.")}
      </p>
    );
  }
  const { text, helps, alarming } = REASONS[body.reason];
  const Icon = alarming ? ShieldAlert : LockKeyhole;
  return (
    <p
      data-reason={body.reason}
      className={`flex min-w-0 grow items-start gap-2 text-sm italic ${alarming ? "text-danger" : "text-muted"}`}
    >
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
      <span>
        {t(text)} {t(helps)}
      </span>
    </p>
  );
}

function Quotation({ roomId, quote }: { roomId: string; quote: Quote }) {
  const nameless = quote.senderName ? t("a message without text") : t("an earlier message");
  const shown = quote.text === undefined ? nameless : plainText(quote.text);
  return (
    <button
      type="button"
      onClick={() => jumpTo(roomId, quote.key)}
      className="mb-0.5 flex max-w-full gap-1.5 border-s-3 border-accent/60 py-0.5 ps-2 text-start text-sm text-muted hover:text-ink"
    >
      <span className="sr-only">{t("In answer to")}</span>
      {quote.senderName && <span className="shrink-0 font-medium">{quote.senderName}</span>}
      <span dir="auto" className="truncate">
        {shown}
      </span>
    </button>
  );
}

const MARKS = {
  queued: { Icon: Clock, label: msg("Waiting to be sent") },
  sending: { Icon: Clock, label: msg("Sending") },
  accepted: { Icon: Check, label: msg("Accepted by the server") },
  logged: { Icon: CheckCheck, label: msg("In the audit log, proof verified") },
  failed: { Icon: CircleAlert, label: msg("Not sent") },
};

function DeliveryMark({ delivery, onProof }: { delivery: Delivery; onProof: () => void }) {
  const { Icon, label } = MARKS[delivery.state];
  const says = t(label);
  const colour = { logged: "text-accent", failed: "text-danger" }[delivery.state as string] ?? "text-muted";
  if (delivery.state === "logged") {
    return (
      <button
        type="button"
        aria-label={says}
        title={t("Show the proof")}
        data-delivery="logged"
        className={`mb-1 shrink-0 rounded ${colour}`}
        onClick={onProof}
      >
        <Icon className="size-4" aria-hidden="true" />
      </button>
    );
  }
  return (
    <span
      role="img"
      aria-label={says}
      title={says}
      data-delivery={delivery.state}
      className={`mb-1 shrink-0 ${colour}`}
    >
      <Icon className="size-4" aria-hidden="true" />
    </span>
  );
}

const CHANGES = {
  edit: { failed: msg("Edit not sent"), sending: msg("Edit on its way…") },
  delete: { failed: msg("Deletion not sent"), sending: msg("Deletion on its way…") },
  react: { failed: msg("Reaction not sent"), sending: msg("Reaction on its way…") },
};

function Pending({ roomId, change }: { roomId: string; change: PendingChange }) {
  const { failed, sending } = CHANGES[change.kind];
  if (change.delivery.state === "failed") {
    return <Failed roomId={roomId} target={change.key} what={t(failed)} failure={change.delivery} />;
  }
  return change.kind === "react" ? null : <p className="text-xs text-muted">{t(sending)}</p>;
}

interface FailedProps {
  roomId: string;
  target: string;
  what: string;
  failure: { problem: string; code?: string };
}

function Failed({ roomId, target, what, failure }: FailedProps) {
  const action = "font-semibold underline-offset-4 hover:underline";
  return (
    <p role="alert" className="mt-0.5 flex flex-wrap gap-x-3 text-sm text-danger">
      <span>
        {what}: {whyText(failure.code, failure.problem)} {t("It is kept on this device.")}
      </span>
      <button type="button" className={action} onClick={() => void core.retry(roomId, target)}>
        {t("Try again")}
      </button>
      <button type="button" className={action} onClick={() => void core.discard(roomId, target)}>
        {t("Discard")}
      </button>
    </p>
  );
}

function DayLine({ day }: { day: string }) {
  return (
    <div className="mx-auto flex max-w-4xl items-center gap-3 px-4 pt-5 pb-1 text-xs font-medium text-muted sm:px-6">
      <span className="h-px grow bg-line" />
      <h2>{day}</h2>
      <span className="h-px grow bg-line" />
    </div>
  );
}

function NewLine() {
  return (
    <div className="mx-auto flex max-w-4xl items-center gap-3 px-4 pt-3 text-xs font-semibold text-accent sm:px-6">
      <span className="h-px grow bg-accent/50" />
      <h2>{t("New")}</h2>
    </div>
  );
}
