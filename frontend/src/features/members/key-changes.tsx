import { KeyRound, ShieldAlert } from "lucide-react";
import { useState } from "react";
import type { Member, Room } from "../../api/types";
import { core } from "../../shared/core-client";
import { fullTimeOf } from "../../shared/format";
import { t } from "../../shared/i18n";
import { Button } from "../../ui/button";
import { PersonDialog } from "./person";
import type { MemberChange } from "./use-key-changes";

/** One change at a time, where one writes: calm, unless the person had been verified. */
export function KeyChangeBar({ room, changes }: { room: Room; changes: MemberChange[] }) {
  const [comparing, setComparing] = useState<Member>();
  const change = changes.find(({ verified }) => verified) ?? changes[0];
  return (
    <>
      {change && <Bar key={change.userId} change={change} onCompare={() => setComparing(change.member)} />}
      {comparing && <PersonDialog room={room} member={comparing} onClose={() => setComparing(undefined)} />}
    </>
  );
}

function Bar({ change, onCompare }: { change: MemberChange; onCompare: () => void }) {
  const [sure, setSure] = useState(false);
  const { verified, member, at } = change;
  const said = { name: member.username, time: fullTimeOf(at) };
  const Icon = verified ? ShieldAlert : KeyRound;
  return (
    <section aria-label={t("A changed key")} className="mx-auto w-full max-w-4xl px-3 pb-3 sm:px-5">
      <div
        className={`flex flex-wrap items-center gap-x-3 gap-y-2 rounded-2xl px-4 py-3 text-sm ${verified ? "bg-warn-soft text-warn" : "bg-sunken"}`}
      >
        <Icon className="size-5 shrink-0" aria-hidden="true" />
        <p className="min-w-0 grow basis-64" role={verified ? "alert" : "status"}>
          <b className="font-semibold">
            {verified
              ? t("{name} has another key than the one you compared, since {time}.", said)
              : t("{name} has a new key, since {time}.", said)}
          </b>{" "}
          {verified
            ? t("Nothing is sent here until you have decided; what you were writing is kept.")
            : t("That happens when an account is set up anew. It can also mean that somebody is in between.")}
        </p>
        <span className="flex gap-2">
          <Button size="sm" variant={verified ? "primary" : "secondary"} onClick={onCompare}>
            {t("Compare")}
          </Button>
          <Button
            size="sm"
            variant="quiet"
            onClick={() => (verified && !sure ? setSure(true) : void core.settleKeyChange(change.userId))}
          >
            {verified ? (sure ? t("Yes, without comparing") : t("Use the new key")) : t("All right")}
          </Button>
        </span>
      </div>
    </section>
  );
}
