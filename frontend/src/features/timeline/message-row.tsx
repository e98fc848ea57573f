import { Check, CheckCheck, CircleAlert, Clock, LockKeyhole, ShieldAlert } from "lucide-react";
import type { Delivery, TimelineItem } from "../../core/model";
import { core } from "../../shared/core-client";
import { dayOf, fullTimeOf, isSameDay, timeOf } from "../../shared/format";
import { Avatar } from "../../ui/avatar";
import { REASONS } from "./reasons";

const GROUP_MS = 5 * 60_000;

interface Props {
  roomId: string;
  item: TimelineItem;
  previous: TimelineItem | undefined;
}

/** One message; neighbours of one sender share a head line. */
export function MessageRow({ roomId, item, previous }: Props) {
  const newDay = !previous || !isSameDay(previous.at, item.at);
  const grouped = !newDay && previous.sender === item.sender && item.at - previous.at < GROUP_MS;
  const name = item.senderName || "Unknown sender";
  return (
    <>
      {newDay && <DayLine at={item.at} />}
      <article
        aria-label={`${name}, ${timeOf(item.at)}`}
        className={`mx-auto flex max-w-4xl gap-3 px-4 sm:px-6 ${grouped ? "pt-0.5" : "pt-3"}`}
      >
        <div className="w-9 shrink-0">{!grouped && <Avatar name={name} />}</div>
        <div className="min-w-0 grow">
          {!grouped && (
            <div className="flex items-baseline gap-2">
              <span className="truncate font-semibold">{name}</span>
              <time
                dateTime={new Date(item.at).toISOString()}
                title={fullTimeOf(item.at)}
                className="text-xs text-muted"
              >
                {timeOf(item.at)}
              </time>
            </div>
          )}
          <div className="flex items-end gap-2">
            <Text item={item} />
            {item.delivery && <DeliveryMark delivery={item.delivery} />}
          </div>
          {item.delivery?.state === "failed" && <Failed roomId={roomId} item={item} problem={item.delivery.problem} />}
        </div>
      </article>
    </>
  );
}

function Text({ item }: { item: TimelineItem }) {
  if (item.body.kind === "text") {
    const waits = item.delivery?.state === "queued" || item.delivery?.state === "sending";
    return (
      <p dir="auto" className={`min-w-0 grow break-words whitespace-pre-wrap ${waits ? "text-muted" : ""}`}>
        {item.body.text}
      </p>
    );
  }
  const { text, alarming } = REASONS[item.body.reason];
  const Icon = alarming ? ShieldAlert : LockKeyhole;
  return (
    <p
      data-reason={item.body.reason}
      className={`flex min-w-0 grow items-center gap-2 text-sm italic ${alarming ? "text-danger" : "text-muted"}`}
    >
      <Icon className="size-4 shrink-0" aria-hidden="true" /> {text}
    </p>
  );
}

const MARKS = {
  queued: { Icon: Clock, label: "Waiting to be sent" },
  sending: { Icon: Clock, label: "Sending" },
  accepted: { Icon: Check, label: "Accepted by the server" },
  logged: { Icon: CheckCheck, label: "In the audit log, proof verified" },
  failed: { Icon: CircleAlert, label: "Not sent" },
};

function DeliveryMark({ delivery }: { delivery: Delivery }) {
  const { Icon, label } = MARKS[delivery.state];
  const colour = { logged: "text-accent", failed: "text-danger" }[delivery.state as string] ?? "text-muted";
  return (
    <span
      role="img"
      aria-label={label}
      title={label}
      data-delivery={delivery.state}
      className={`mb-1 shrink-0 ${colour}`}
    >
      <Icon className="size-4" aria-hidden="true" />
    </span>
  );
}

function Failed({ roomId, item, problem }: { roomId: string; item: TimelineItem; problem: string }) {
  const action = "font-semibold underline-offset-4 hover:underline";
  return (
    <p role="alert" className="mt-0.5 flex flex-wrap gap-x-3 text-sm text-danger">
      <span>Not sent: {problem}</span>
      <button type="button" className={action} onClick={() => void core.retry(roomId, item.key)}>
        Try again
      </button>
      <button type="button" className={action} onClick={() => void core.discard(roomId, item.key)}>
        Discard
      </button>
    </p>
  );
}

function DayLine({ at }: { at: number }) {
  return (
    <div className="mx-auto flex max-w-4xl items-center gap-3 px-4 pt-5 pb-1 text-xs font-medium text-muted sm:px-6">
      <span className="h-px grow bg-line" />
      <h3>{dayOf(at)}</h3>
      <span className="h-px grow bg-line" />
    </div>
  );
}
